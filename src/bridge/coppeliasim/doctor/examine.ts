import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeAfter } from '../../../common/close-all.ts';
import { connectRemoteApi, type RemoteApiClient } from '../remote-api/index.ts';
import { stopSimulation } from '../remote-calls.ts';
import { type BuiltScene, buildScene } from '../scene-builder/index.ts';
import {
  findInstallation,
  type Installation,
  type SupervisedCoppeliaSim,
  superviseCoppeliaSim,
} from '../supervisor/index.ts';
import { connectionChecks } from './connection-checks.ts';
import { type Check, carryOut, type Finding, skipped } from './finding.ts';
import { motionChecks } from './motion-checks.ts';

export interface ExamineOptions {
  /** A running simulator; otherwise an installation is looked for, and started for as long as it takes. */
  readonly address?: string;
  /** The installation's folder. */
  readonly coppeliaSim?: string;
  /** A scene (.ttt) to load into the one that is started; one is built otherwise. */
  readonly scene?: string;
  /** Which object is which in the scene. */
  readonly sceneFile?: string;
  readonly gui?: boolean;
  /** How long starting may take, s. */
  readonly startTimeout?: number;
  /** Stops a simulation that runs at the address, for the checks that need to. */
  readonly force?: boolean;
  /** How long each speed is measured, s; 2 by default. */
  readonly measuringTime?: number;
  /** Told of each finding as soon as it is there. */
  readonly onFinding?: (finding: Finding) => void;
  readonly signal?: AbortSignal;
}

export interface Examination {
  /** What was examined: an address, or an installation. */
  readonly subject: string;
  readonly findings: readonly Finding[];
  /** Whether nothing essential failed. */
  readonly healthy: boolean;
}

/**
 * Looks a CoppeliaSim over, one check after the other, each bounded in time; what fails does not stop the rest.
 *
 * Checks that move the simulation are left out where somebody else's runs.
 *
 * @throws the signal's reason; anything else becomes a finding.
 */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const findings: Finding[] = [];
  const add = (finding: Finding) => {
    findings.push(finding);
    options.onFinding?.(finding);
    return finding.status !== 'failed';
  };
  const carry = async (check: Check) => add(await carryOut(check, options.signal));
  const scratch = mkdtempSync(join(tmpdir(), 'graspbridge-doctor-'));
  const opened: { client?: RemoteApiClient; supervised?: SupervisedCoppeliaSim } = {};
  let subject = options.address ?? options.coppeliaSim ?? 'CoppeliaSim';
  await closeAfter(
    async () => {
      let { address } = options;
      if (address === undefined) {
        let installation: Installation | undefined;
        const found = await carry({
          name: 'installation',
          essential: true,
          limit: 5,
          async run() {
            installation = findInstallation(
              options.coppeliaSim === undefined ? {} : { coppeliaSim: options.coppeliaSim },
            );
            subject = installation.executable;
            return { found: `${installation.executable}, by ${installation.foundBy}` };
          },
        });
        const start = startCheck(options, scratch, supervised => {
          opened.supervised = supervised;
        });
        if (found && installation !== undefined) await carry(start);
        else add(skipped(start, 'there is nothing to start'));
        address = opened.supervised?.address;
      }
      const connect = connectCheck(address ?? '', client => {
        opened.client = client;
      });
      if (address !== undefined) await carry(connect);
      else add(skipped(connect, 'nothing was started'));
      if (opened.client !== undefined)
        await examineRunning(opened.client, options, carry, check =>
          add(skipped(check, 'it would disturb the simulation that is running')),
        );
    },
    () => opened.client?.close(),
    () => opened.supervised?.close(),
    () => rmSync(scratch, { recursive: true, force: true }),
  );
  const healthy = !findings.some(({ essential, status }) => essential && status === 'failed');
  return { subject, findings, healthy };
}

async function examineRunning(
  client: RemoteApiClient,
  options: ExamineOptions,
  carry: (check: Check) => Promise<boolean>,
  skip: (check: Check) => void,
): Promise<void> {
  for (const check of connectionChecks(client)) await carry(check);
  const stopped = await carry({
    name: 'simulation',
    essential: false,
    limit: 15,
    async run(signal) {
      const [state] = await client.call('sim.getSimulationState', [], { signal });
      if (state === 0) return { found: 'stopped, as it should be' };
      if (options.force !== true)
        return {
          status: 'failed',
          found: 'a simulation is running',
          advice: 'Stop it, or let it be stopped with --force.',
        };
      await stopSimulation(client, 10);
      return { status: 'note', found: 'a simulation was running, and was stopped for the checks' };
    },
  });
  for (const check of motionChecks(client, options)) {
    if (stopped) await carry(check);
    else skip(check);
  }
}

function startCheck(
  { coppeliaSim, scene, gui, startTimeout = 90 }: ExamineOptions,
  scratch: string,
  started: (supervised: SupervisedCoppeliaSim) => void,
): Check {
  return {
    name: 'start',
    essential: true,
    limit: startTimeout + 150,
    async run(signal) {
      const began = performance.now();
      let answered = began;
      let built: BuiltScene | undefined;
      const supervised = await superviseCoppeliaSim(
        {
          startTimeout,
          heartbeatInterval: 0,
          maxRestarts: 0,
          ...(coppeliaSim === undefined ? {} : { coppeliaSim }),
          ...(scene === undefined ? {} : { scene }),
          ...(gui === undefined ? {} : { gui }),
        },
        async address => {
          answered = performance.now();
          if (scene !== undefined) return;
          const client = await connectRemoteApi({ address });
          await closeAfter(async () => {
            built = await buildScene(client, { out: join(scratch, 'scene.ttt') });
          }, client);
        },
        signal,
      );
      started(supervised);
      const seconds = (answered - began) / 1000;
      const made =
        built === undefined
          ? 'its scene is loaded'
          : `a scene of ${built.objects} objects was built, at most ${(1000 * built.largestDistance).toPrecision(2)} mm off`;
      return { found: `it answered after ${seconds.toFixed(1)} s; ${made}`, numbers: { startSeconds: seconds } };
    },
  };
}

function connectCheck(address: string, connected: (client: RemoteApiClient) => void): Check {
  return {
    name: 'connection',
    essential: true,
    limit: 10,
    advice: 'Start CoppeliaSim 4.6 or later, or "graspbridge simulator serve", and look at the port it prints.',
    async run() {
      connected(await connectRemoteApi({ address, connectTimeout: 5, timeout: 15 }));
      return { found: `${address} answers, protocol version 2` };
    },
  };
}
