import type { Drive } from '../../protocol.ts';

/** Sticks never rest exactly in the middle. */
const DEAD_ZONE = 0.12;
/** Buttons of the standard layout (W3C Gamepad, "Remapping"). */
const BUTTONS = { gripper: 0, takeOver: 9, turnLeft: 4, turnRight: 5, save: 3, discard: 1 } as const;

export interface GamepadReading {
  readonly drive: Drive;
  /** Buttons that have just been pressed. */
  readonly pressed: ReadonlySet<keyof typeof BUTTONS>;
}

/** The first gamepad: left stick along the table, right stick up and down, shoulder buttons turn, A grips. */
export class Gamepads {
  private before = new Set<number>();

  read(): GamepadReading | null {
    const pad = navigator.getGamepads?.().find(each => each !== null);
    if (!pad) return null;
    const axis = (i: number) => {
      const value = pad.axes[i] ?? 0;
      return Math.abs(value) < DEAD_ZONE ? 0 : Math.max(-1, Math.min(1, value));
    };
    const down = new Set([...pad.buttons.entries()].filter(([, button]) => button.pressed).map(([i]) => i));
    const names = Object.entries(BUTTONS) as [keyof typeof BUTTONS, number][]; // The table's own entries.
    const pressed = new Set(names.filter(([, i]) => down.has(i) && !this.before.has(i)).map(([name]) => name));
    this.before = down;
    const held = (i: number) => (down.has(i) ? 1 : 0);
    return {
      // Sticks give −1 for ahead and for left.
      drive: {
        x: 0 - axis(1),
        y: 0 - axis(0),
        z: 0 - axis(3),
        turn: held(BUTTONS.turnLeft) - held(BUTTONS.turnRight),
        gripper: 0,
      },
      pressed,
    };
  }
}
