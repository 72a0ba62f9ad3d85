import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type TorchInstallation, torchEnvironment } from './torch.ts';

const SCRIPT = fileURLToPath(new URL('./torch_ppo.py', import.meta.url));

export interface TorchTraining {
  readonly version: string;
  /** Of 100 deterministic episodes after training. */
  readonly meanReturn: number;
  readonly envSteps: number;
  /** The training loop alone. */
  readonly seconds: number;
}

/** Trains the rival once, with the settings that ours has. */
export async function trainTorchPpo(
  { python, coreType }: TorchInstallation,
  request: {
    readonly env: string;
    readonly steps: number;
    readonly seed: number;
    readonly options: Readonly<Record<string, unknown>>;
  },
): Promise<TorchTraining> {
  const { stdout } = await promisify(execFile)(python, [SCRIPT, JSON.stringify(request)], {
    env: torchEnvironment(coreType),
  });
  return JSON.parse(stdout) as TorchTraining;
}
