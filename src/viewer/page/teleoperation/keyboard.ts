import type { Drive } from '../../protocol.ts';

/** Keys by what they move; seen from behind the arm's base, W is ahead. */
const KEYS: Readonly<Record<string, Partial<Drive>>> = {
  KeyW: { x: 1 },
  KeyS: { x: -1 },
  KeyA: { y: 1 },
  KeyD: { y: -1 },
  KeyE: { z: 1 },
  KeyQ: { z: -1 },
  ArrowUp: { x: 1 },
  ArrowDown: { x: -1 },
  ArrowLeft: { y: 1 },
  ArrowRight: { y: -1 },
  PageUp: { z: 1 },
  PageDown: { z: -1 },
  KeyJ: { turn: 1 },
  KeyL: { turn: -1 },
};
/** Part of the speed while Shift is held. */
const SLOW = 0.3;

/** Keys that work a list or a slider. */
const TURNING = /^(Arrow.*|Page.*|Home|End)$/;

/** Whether a key belongs to what has the focus, not to the arm: every key to a field, those that work it to a control. */
export function isTaken({ target, code }: KeyboardEvent): boolean {
  if (target instanceof HTMLInputElement && /^(text|search|number)$/.test(target.type)) return true;
  if (!(target instanceof HTMLElement) || !target.matches('button, select, input')) return false;
  return code === 'Space' || code === 'Enter' || (!target.matches('button') && TURNING.test(code));
}

/** Which way the keys held down want the arm to go. */
export class Keyboard {
  private readonly held = new Set<string>();
  /** Keys pressed since the server was told, whether they are still held or not: a short press counts, too. */
  private readonly pressed = new Set<string>();
  private slow = false;

  constructor() {
    window.addEventListener('keydown', event => {
      this.slow = event.shiftKey;
      if (!(event.code in KEYS) || isTaken(event) || event.ctrlKey || event.metaKey) return;
      this.held.add(event.code);
      if (!event.repeat) this.pressed.add(event.code);
    });
    window.addEventListener('keyup', event => {
      this.slow = event.shiftKey;
      this.held.delete(event.code);
    });
    // No key-up comes from a window that is not looked at.
    window.addEventListener('blur', () => this.held.clear());
  }

  static drives(event: KeyboardEvent): boolean {
    return event.code in KEYS;
  }

  /** Forgets the short presses, which the server was told of, or which were not for the arm. */
  told(): void {
    this.pressed.clear();
  }

  read(): Drive {
    const sum = { x: 0, y: 0, z: 0, turn: 0, gripper: 0 };
    for (const code of new Set([...this.held, ...this.pressed])) {
      const { x = 0, y = 0, z = 0, turn = 0 } = KEYS[code] ?? {};
      sum.x += x;
      sum.y += y;
      sum.z += z;
      sum.turn += turn;
    }
    const scale = this.slow ? SLOW : 1;
    const share = (value: number) => scale * Math.max(-1, Math.min(1, value));
    return { x: share(sum.x), y: share(sum.y), z: share(sum.z), turn: share(sum.turn), gripper: 0 };
  }
}
