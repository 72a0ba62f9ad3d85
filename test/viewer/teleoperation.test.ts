import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createExpert,
  describeEnv,
  type Episode,
  openDemonstrations,
  Recording,
  replayEpisode,
} from '../../src/demos/index.ts';
import { type Box, type Env, makeEnv, SawyerEnv, unwrapped } from '../../src/envs/index.ts';
import { Hands, REACH } from '../../src/viewer/episodes/hands.ts';
import { Pace } from '../../src/viewer/episodes/pace.ts';
import { EpisodePlayer, type PlayerOptions } from '../../src/viewer/episodes/player.ts';
import { Tape } from '../../src/viewer/episodes/tape.ts';
import type { ClientMessage, Drive, EpisodeStatus } from '../../src/viewer/protocol.ts';

const STILL: Drive = { x: 0, y: 0, z: 0, turn: 0, gripper: 0 };

async function open(id = 'SawyerGrasp-v1', options: Record<string, unknown> = {}) {
  const env = await makeEnv(id, { maxEpisodeSteps: 300, ...options });
  onTestFinished(() => env.close());
  const sawyer = unwrapped(env);
  if (!(sawyer instanceof SawyerEnv)) throw new Error(`${id} is no Sawyer environment`);
  return { env: env as unknown as Env<Box, Box>, general: env, sawyer }; // Its spaces are boxes.
}

function temporary(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-tape-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

/** A player as fast as it can be, whose statuses are looked at by `watch`. */
function play(
  options: Pick<PlayerOptions, 'env' | 'hands'> & Partial<PlayerOptions>,
  watch: (status: EpisodeStatus, player: EpisodePlayer) => void,
) {
  const pace = new Pace();
  pace.setSpeed(Number.POSITIVE_INFINITY);
  let seed = 100;
  let scheduled = false;
  let playing = true;
  const step = options.env.step.bind(options.env);
  // Whoever watches gets a turn after every step, as between two ticks of a clock.
  options.env.step = async action => {
    const result = await step(action);
    await new Promise(done => setTimeout(done, 1));
    return result;
  };
  const player: EpisodePlayer = new EpisodePlayer({
    pilot: null,
    tape: null,
    pace,
    seeds: { next: () => ({ done: false, value: seed++ }) },
    total: null,
    maxEpisodeSteps: 1000,
    onStatus: () => {
      // Once for all that is told in a turn of the event loop, and after it: an answer is told about, too.
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        if (playing) watch(player.current(), player);
      });
    },
    onEpisode: () => {},
    ...options,
  });
  return player.playEpisode().finally(() => {
    playing = false;
  });
}

const MODES = [
  ['SawyerGrasp-v1', {}],
  ['SawyerGrasp-v1', { controlMode: 'end_position' }],
  ['SawyerLift-v1', {}],
] as const;

test.each(MODES)('a key leads the tip of %s %j its way, whatever its actions are', async (id, options) => {
  const { env, general, sawyer } = await open(id, options);
  for (const [drive, axis, sign] of [
    [{ ...STILL, x: 1 }, 0, 1],
    [{ ...STILL, y: -1 }, 1, -1],
    [{ ...STILL, z: 1 }, 2, 1],
  ] as const) {
    const hands = new Hands(general);
    await env.reset({ seed: 4, options: { targetPosition: [0.1, 0.28, 0.775] } });
    const start = sawyer.state.tip.position;
    for (let step = 0; step < 8; step++) {
      hands.take(drive);
      await env.step(hands.act());
    }
    const moved = sawyer.state.tip.position.map((value, i) => value - (start[i] as number));
    const along = sign * (moved[axis] as number);
    expect(along).toBeGreaterThan(0.03);
    const aside = moved.filter((_, i) => i !== axis);
    expect(Math.hypot(...aside)).toBeLessThan(0.4 * along);
  }
});

test.each(MODES)(
  'keys cannot lead the tip of %s %j out of its box, nor the pads onto the table',
  async (id, options) => {
    const { env, general, sawyer } = await open(id, options);
    const hands = new Hands(general);
    // Down, and to each corner on the way.
    for (const [x, y] of [
      [1, 1],
      [1, -1],
      [-1, -1],
      [-1, 1],
    ] as const) {
      await env.reset({ seed: 5, options: { targetPosition: [0.45, 0, 0.775] } });
      hands.reset();
      for (let step = 0; step < 60; step++) {
        hands.take({ ...STILL, x, y, z: -1 });
        const { terminated, truncated } = await env.step(hands.act());
        const { contacts, tip } = sawyer.state;
        expect(contacts.leftPadTable || contacts.rightPadTable).toBe(false);
        // A velocity servo lags a little behind.
        expect(tip.position[2]).toBeGreaterThan(REACH.z[0] - 0.004);
        if (terminated || truncated) break;
      }
    }
  },
);

test.each(MODES)(
  'a key pressed and released between two steps moves the tip of %s %j one step',
  async (id, options) => {
    const { env, general, sawyer } = await open(id, options);
    const hands = new Hands(general);
    await env.reset({ seed: 4, options: { targetPosition: [0.1, 0.28, 0.775] } });
    // As in one step of a busy machine: both keys are released before the arm could follow.
    for (const drive of [{ ...STILL, y: 1 }, STILL, { ...STILL, z: 1 }, STILL]) hands.take(drive);
    expect(hands.active).toBe(true);
    const start = sawyer.state.tip.position;
    await env.step(hands.act());
    expect(hands.active).toBe(false);
    // A servo follows within the next steps.
    for (let step = 0; step < 3; step++) await env.step(hands.act());
    const [x = 0, y = 0, z = 0] = sawyer.state.tip.position.map((value, i) => value - (start[i] as number));
    expect(y).toBeGreaterThan(0.002);
    expect(z).toBeGreaterThan(0.002);
    expect(Math.abs(x)).toBeLessThan(0.004);
  },
);

test('a place the tip was dragged to and released between two steps is approached for one step', async () => {
  const { env, general, sawyer } = await open('SawyerLift-v1');
  const hands = new Hands(general);
  await env.reset({ seed: 4 });
  const [x, y, z] = sawyer.state.tip.position;
  hands.drag([x, y, z + 0.1]);
  hands.drag(null);
  expect(hands.active).toBe(true);
  await env.step(hands.act());
  expect(sawyer.state.tip.position[2]).toBeGreaterThan(z + 0.002);
  expect(hands.active).toBe(false);
});

test('a hand that falls silent stops the arm', async () => {
  const { env, general } = await open();
  const hands = new Hands(general);
  await env.reset({ seed: 1 });
  const clock = vi.spyOn(performance, 'now').mockReturnValue(10_000);
  onTestFinished(() => clock.mockRestore());
  expect(hands.active).toBe(false);
  hands.take({ ...STILL, x: 1 });
  clock.mockReturnValue(10_400);
  expect(hands.active).toBe(true);
  clock.mockReturnValue(10_401);
  expect(hands.active).toBe(false);
  expect([...hands.act()]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test('dragging the tip over and onto the block grasps it; the episode is saved, and replays to the same grasp', async () => {
  const { env, general, sawyer } = await open('SawyerGrasp-v1', { target: 'fixed', yaw: 'fixed' });
  const out = temporary('hand.json');
  const description = describeEnv(general, {
    id: 'SawyerGrasp-v1',
    options: { maxEpisodeSteps: 300, target: 'fixed', yaw: 'fixed' },
    simulator: 'mujoco',
  });
  const recording = new Recording(out, {
    ...description,
    policy: { name: 'person', noise: 0 },
    seed: 1,
    onlySuccessful: false,
  });
  const hands = new Hands(general);
  let over = false;
  await play({ env, hands, tape: new Tape(recording, true) }, (status, me) => {
    if (status.over && status.recording?.undecided === true) {
      over = status.success;
      me.handle({ type: 'record', action: status.success ? 'save' : 'discard' });
    } else if (!status.over) {
      // As a person would: turn the fingers across the block, come over it, then down.
      const { target, tip } = sawyer.state;
      const [x, y, z] = target.position;
      const above = Math.hypot(tip.position[0] - x, tip.position[1] - y) > 0.008;
      me.handle({ type: 'drive', ...STILL, turn: turnFor(sawyer) });
      me.handle({ type: 'drag', position: [x, y, z + (above ? 0.19 : 0.106)] });
    }
  });
  expect(over).toBe(true);
  expect(await recording.finish()).toBe(out);
  const reader = await openDemonstrations(out);
  const episodes: Episode[] = [];
  for await (const episode of reader.episodes()) episodes.push(episode);
  await reader.close();
  expect(episodes).toHaveLength(1);
  const [episode] = episodes as [Episode];
  expect(episode.success).toBe(true);
  // All of it by hand.
  expect(episode.start?.interventions).toEqual([[0, episode.length]]);
  const replay = await replayEpisode(general, episode);
  expect(replay).toMatchObject({ episode: { success: true } });
});

function turnFor(sawyer: SawyerEnv): number {
  const { target, tip } = sawyer.state;
  const heading = (q: readonly number[]) => {
    const [x = 0, y = 0, z = 0, w = 1] = q;
    return Math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z));
  };
  const error = heading(target.orientation) - heading(tip.orientation);
  const wrapped = error - Math.PI * Math.round(error / Math.PI);
  // 1.2 rad/s for a twentieth of a second at full deflection.
  return Math.max(-1, Math.min(1, wrapped / 0.06));
}

test('a person takes over from a policy and hands back; just those steps are marked, and the episode is assisted', async () => {
  const { env, general } = await open();
  const saved: Episode[] = [];
  const tape = new Tape(
    {
      append: episode => saved.push(episode),
      get episodes() {
        return saved.length;
      },
    },
    true,
  );
  const expert = await createExpert(general);
  const hands = new Hands(general);
  let assisted = false;
  await play(
    {
      env,
      hands,
      tape,
      pilot: { act: async () => expert() },
      onEpisode: episode => {
        assisted = episode.assisted;
      },
    },
    (status, me) => {
      if (status.over) me.handle({ type: 'record', action: 'save' });
      else if (status.step === 2 && status.driver === 'policy') me.handle({ type: 'take_over', active: true });
      else if (status.step < 5 && status.driver === 'person') me.handle({ type: 'drive', ...STILL, z: 1 });
      else if (status.driver === 'person') me.handle({ type: 'take_over', active: false });
    },
  );
  expect(assisted).toBe(true);
  expect(saved).toHaveLength(1);
  expect(saved[0]?.success).toBe(true);
  const [span, ...others] = saved[0]?.start?.interventions ?? [];
  expect(others).toEqual([]);
  // A step that was under way when the word came is still the policy's, and one may still be the person's.
  expect(span?.[0]).toBe(3);
  expect([5, 6]).toContain(span?.[1]);
});

test('an episode that is chosen, or played once more, is told as such, and the seeds in turn are all played', async () => {
  const { env, general } = await open();
  const expert = await createExpert(general);
  const pace = new Pace();
  pace.setSpeed(1000);
  const played: string[] = [];
  const wishes: { message: ClientMessage; when(status: EpisodeStatus): boolean }[] = [
    // On the way once more from the beginning, which is no other episode, and then another seed.
    { message: { type: 'restart' }, when: ({ seed, step }) => seed === 100 && step === 2 },
    { message: { type: 'seed', seed: 7 }, when: ({ seed, step }) => seed === 100 && step === 3 },
    // While its end is shown, once more.
    { message: { type: 'restart' }, when: ({ seed, over }) => seed === 101 && over },
  ];
  const player: EpisodePlayer = new EpisodePlayer({
    ...{ env, hands: null, tape: null, pace, total: 3, maxEpisodeSteps: 1000 },
    pilot: { act: async () => expert() },
    seeds: [100, 101, 102].values(),
    counts: ({ chosen }) => !chosen,
    onStatus: status => {
      const [wish] = wishes;
      if (wish?.when(status) !== true) return;
      wishes.shift();
      player.handle(wish.message);
    },
    onEpisode: ({ seed, chosen }) => played.push(`${seed}${chosen ? ' chosen' : ''}`),
  });
  while (!played.includes('102')) await player.playEpisode();
  expect(played).toEqual(['7 chosen', '100', '101', '101 chosen', '102']);
  expect(player.current()).toMatchObject({ finished: 3, number: 3 });
});

test('a discarded episode leaves nothing, and a recording without episodes no file', async () => {
  const { env, general } = await open();
  const out = temporary('none.json');
  const description = describeEnv(general, { id: 'SawyerGrasp-v1', options: {}, simulator: 'mujoco' });
  const recording = new Recording(out, {
    ...description,
    policy: { name: 'person', noise: 0 },
    seed: 1,
    onlySuccessful: false,
  });
  const expert = await createExpert(general);
  const tape = new Tape(recording, true);
  await play({ env, hands: null, tape, pilot: { act: async () => expert() } }, (status, me) => {
    if (status.over) me.handle({ type: 'record', action: 'discard' });
  });
  expect(tape.status).toMatchObject({ steps: 0, saved: 0, undecided: false });
  expect(await recording.finish()).toBeNull();
});
