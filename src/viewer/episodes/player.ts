import { type Box, type Env, SawyerEnv, unwrapped } from '../../envs/index.ts';
import type { ClientMessage, EpisodeStatus, RecordingStatus } from '../protocol.ts';
import type { Hands } from './hands.ts';
import { CURTAIN, type Pace } from './pace.ts';
import type { Insight, Pilot } from './pilot.ts';
import type { Tape } from './tape.ts';

export interface PlayedEpisode {
  readonly seed: number;
  /** Sum of the rewards. */
  readonly return: number;
  /** Steps. */
  readonly length: number;
  readonly success: boolean;
  /** Whether a person drove any of its steps. */
  readonly assisted: boolean;
  /** Whether a person chose it out of turn: by its seed, or once more. */
  readonly chosen: boolean;
}

export interface PlayerOptions {
  /** Takes normalized actions. */
  readonly env: Env<Box, Box>;
  /** Null: a person drives from the start. */
  readonly pilot: Pilot | null;
  readonly hands: Hands | null;
  readonly tape: Tape | null;
  readonly pace: Pace;
  /** Seeds of the episodes, as they come. */
  readonly seeds: Iterator<number>;
  /** Shown to people; null: no end. */
  readonly total: number | null;
  readonly maxEpisodeSteps: number;
  /** Told after every step, and whenever something changed. */
  readonly onStatus: (status: EpisodeStatus) => void;
  /** Told after an episode that was played from its beginning to its end. */
  readonly onEpisode: (episode: PlayedEpisode) => void;
  /** Whether an episode is among those that ended, for people; all are by default. */
  readonly counts?: (episode: PlayedEpisode) => boolean;
}

/**
 * Plays episodes to be watched, and lets whoever watches pause, step, restart and choose them, and take over.
 *
 * ```ts
 * while (await player.playEpisode());
 * ```
 */
export class EpisodePlayer {
  private readonly options: PlayerOptions;
  private readonly sawyer: SawyerEnv | null;
  private driver: 'policy' | 'person';
  /** The seed whose turn it is, until its episode was played to its end. */
  private due: number | null = null;
  private jump: { seed: number } | null = null;
  private stopped = false;
  private status: Omit<EpisodeStatus, 'paused' | 'speed' | 'recording' | 'driver' | 'waiting' | 'type' | 'total'>;
  private waiting = false;

  constructor(options: PlayerOptions) {
    this.options = options;
    const inner = unwrapped(options.env as unknown as Env); // Only looked at, whatever its spaces are.
    this.sawyer = inner instanceof SawyerEnv ? inner : null;
    this.driver = options.pilot === null ? 'person' : 'policy';
    const none = { step: 0, reward: 0, return: 0, success: false, over: false, action: [], joints: [], opening: 0 };
    this.status = { number: 0, seed: 0, finished: 0, successes: 0, value: null, deviation: null, ...none };
  }

  /** Ends the episode under way, which is not told to anyone. */
  stop(): void {
    this.stopped = true;
    this.options.pace.skip();
  }

  /** What is shown now. */
  current(): EpisodeStatus {
    const { pace, total, tape } = this.options;
    const recording: RecordingStatus | null = tape?.status ?? null;
    const { driver, waiting } = this;
    return {
      type: 'episode',
      ...this.status,
      total,
      driver,
      waiting,
      paused: pace.paused,
      speed: pace.speed,
      recording,
    };
  }

  /** Carries out what a page asks for. */
  handle(message: ClientMessage): void {
    const { pace, pilot, hands, tape } = this.options;
    if (message.type === 'pause') pace.pause(message.paused);
    else if (message.type === 'step') pace.step();
    else if (message.type === 'speed') pace.setSpeed(message.speed);
    else if (message.type === 'restart') this.jumpTo(this.status.seed);
    else if (message.type === 'seed') this.jumpTo(message.seed);
    else if (message.type === 'take_over' && hands !== null && (pilot !== null || message.active))
      this.driver = message.active ? 'person' : 'policy';
    else if (message.type === 'drive' && this.driver === 'person') hands?.take(message);
    else if (message.type === 'drag' && this.driver === 'person') hands?.drag(message.position);
    else if (message.type === 'record' && tape !== null) this.record(tape, message.action);
    pace.wake();
    this.tell();
  }

  /**
   * Plays one episode to its end, and before or after it those that are chosen on the way. Returns whether there was
   * one: the seeds may have run out.
   */
  async playEpisode(): Promise<boolean> {
    if (this.due === null) {
      const next = this.options.seeds.next();
      if (next.done === true) return false;
      this.due = next.value;
    }
    this.jump = null;
    for (let seed: number | null = this.due; seed !== null && !this.stopped; seed = this.takeJump()) {
      const chosen = seed !== this.due;
      const ended = await this.play(seed, chosen);
      if (ended && !chosen) this.due = null;
    }
    return true;
  }

  private takeJump(): number | null {
    const seed = this.jump?.seed ?? null;
    this.jump = null;
    return seed;
  }

  /** Chooses the episode that takes this one's place; nobody waits for the rest of the step under way. */
  private jumpTo(seed: number): void {
    this.jump = { seed };
    this.options.pace.skip();
  }

  private get interrupted(): boolean {
    return this.stopped || this.jump !== null;
  }

  /** Whether it came to its end. */
  private async play(seed: number, chosen: boolean): Promise<boolean> {
    const { env, pilot, hands, tape, maxEpisodeSteps, onEpisode, counts = () => true } = this.options;
    let { observation } = await env.reset({ seed });
    pilot?.reset?.();
    hands?.reset();
    tape?.begin(seed);
    const fresh = {
      step: 0,
      reward: 0,
      return: 0,
      success: false,
      over: false,
      action: [],
      value: null,
      deviation: null,
    };
    this.status = { ...this.status, ...fresh, number: this.status.finished + 1, seed, ...this.arm() };
    this.tell();
    let assisted = false;
    for (;;) {
      await this.turn();
      if (this.interrupted) return false;
      const byHand = this.driver === 'person' && hands !== null;
      const action = byHand ? hands.act() : await this.ask(observation);
      const insight = (await pilot?.inspect?.(observation, action)) ?? NO_INSIGHT;
      assisted ||= byHand;
      const step = await env.step(action);
      tape?.add({ observation, action, reward: step.reward, nextObservation: step.observation }, byHand);
      observation = step.observation;
      const success = this.status.success || step.info.success === true;
      const length = this.status.step + 1;
      const over = step.terminated || step.truncated || length >= maxEpisodeSteps;
      this.status = {
        ...this.status,
        ...this.arm(),
        ...insight,
        step: length,
        reward: step.reward,
        return: this.status.return + step.reward,
        success,
        over,
        action: [...action],
      };
      if (!over) {
        this.tell();
        continue;
      }
      const episode: PlayedEpisode = { seed, return: this.status.return, length, success, assisted, chosen };
      if (counts(episode)) {
        const { finished, successes } = this.status;
        this.status = { ...this.status, finished: finished + 1, successes: successes + (success ? 1 : 0) };
      }
      tape?.end({ end: step.terminated ? 'terminated' : 'truncated', success });
      onEpisode(episode);
      this.tell();
      await this.curtain();
      return true;
    }
  }

  /** Waits for one's turn: while paused, and while a person who drives has not moved. */
  private async turn(): Promise<void> {
    const { pace, hands } = this.options;
    await pace.permission(() => this.interrupted);
    this.waiting = false;
    while (this.driver === 'person' && hands !== null && !hands.active && !this.interrupted) {
      if (!this.waiting) {
        this.waiting = true;
        this.tell();
      }
      await pace.wait(100);
      if (pace.paused) await pace.permission(() => this.interrupted);
    }
    if (!this.waiting) return;
    this.waiting = false;
    this.tell();
  }

  private async ask(observation: Float32Array): Promise<Float32Array> {
    const { pilot, env } = this.options;
    return pilot === null ? new Float32Array(env.actionSpace.low.length) : pilot.act(observation);
  }

  /** The last picture stays a moment; one that must be saved or discarded stays until that is done. */
  private async curtain(): Promise<void> {
    const { pace, tape } = this.options;
    await pace.pass(CURTAIN * Math.min(1, pace.speed));
    while ((pace.paused || tape?.status.undecided === true) && !this.interrupted) await pace.wait();
  }

  private record(tape: Tape, action: 'on' | 'off' | 'save' | 'discard'): void {
    if (action === 'on' || action === 'off') tape.switch(action === 'on');
    else if (action === 'save' ? tape.save() : tape.discard()) {
      // Saved or discarded in the middle: what follows is another episode.
      if (!this.status.over) this.jumpTo(this.status.seed);
    }
  }

  private arm(): { joints: number[]; opening: number } {
    if (this.sawyer === null) return { joints: [], opening: 0 };
    const { jointPositions, gripperOpening } = this.sawyer.state;
    return { joints: [...jointPositions], opening: gripperOpening };
  }

  private tell(): void {
    this.options.onStatus(this.current());
  }
}

const NO_INSIGHT: Insight = { value: null, deviation: null };
