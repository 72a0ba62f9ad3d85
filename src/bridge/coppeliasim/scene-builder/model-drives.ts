import type { MjModel } from '@mujoco/mujoco';
import { indices, numbers } from '../../mujoco/model-arrays.ts';

/** What moves a joint. */
export interface Drive {
  /** `free`: nothing does. */
  readonly mode: 'free' | 'force' | 'velocity' | 'position';
  /** The most it may, N or N m. */
  readonly force: number;
}

/** Transmissions and wraps that matter here, by MuJoCo's numbers (mjtTrn, mjtWrap). */
const transmission = { joint: 0, jointInParent: 1, tendon: 3 } as const;
const jointWrap = 1;
/** Stands for no limit. */
const unlimited = 10_000;

/**
 * The drive of each joint, by index, from the actuators: MuJoCo's `motor`, `velocity` and `position` are told apart by
 * what they subtract. A tendon's actuator drives the tendon's joints, each at a velocity, as their sum says nothing of
 * each one's position.
 */
export function readDrives(model: MjModel): Drive[] {
  const drives: Drive[] = Array.from({ length: model.njnt }, () => ({ mode: 'free', force: 0 }));
  const kinds = indices(model.actuator_trntype);
  const targets = indices(model.actuator_trnid);
  const gears = numbers(model.actuator_gear);
  const biases = numbers(model.actuator_biasprm);
  const gains = numbers(model.actuator_gainprm);
  const forceRanges = numbers(model.actuator_forcerange);
  const controlRanges = numbers(model.actuator_ctrlrange);
  const largest = (ranges: Float64Array, i: number) =>
    Math.max(Math.abs(ranges[2 * i] as number), Math.abs(ranges[2 * i + 1] as number));
  const [gainWidth, biasWidth] =
    kinds.length > 0 ? [gains.length / kinds.length, biases.length / kinds.length] : [0, 0];
  for (const [i, kind] of kinds.entries()) {
    const positionGain = biases[biasWidth * i + 1] as number;
    const velocityGain = biases[biasWidth * i + 2] as number;
    const mode = positionGain !== 0 ? 'position' : velocityGain !== 0 ? 'velocity' : 'force';
    const gear = Math.abs(gears[6 * i] as number) || 1;
    const byControl = mode === 'force' ? largest(controlRanges, i) * Math.abs(gains[gainWidth * i] as number) : 0;
    const force = (largest(forceRanges, i) || byControl || unlimited) * gear;
    const target = targets[2 * i] as number;
    if (kind === transmission.joint || kind === transmission.jointInParent) drives[target] = { mode, force };
    if (kind !== transmission.tendon) continue;
    const start = indices(model.tendon_adr)[target] as number;
    const end = start + (indices(model.tendon_num)[target] as number);
    for (let wrap = start; wrap < end; wrap++) {
      if (indices(model.wrap_type)[wrap] !== jointWrap) continue;
      const joint = indices(model.wrap_objid)[wrap] as number;
      const coefficient = Math.abs(numbers(model.wrap_prm)[wrap] as number);
      drives[joint] = { mode: mode === 'force' ? 'force' : 'velocity', force: force * coefficient };
    }
  }
  return drives;
}
