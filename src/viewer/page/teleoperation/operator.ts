import type { ClientMessage, Drive, EpisodeStatus, Hello } from '../../protocol.ts';
import { byId, make } from '../dom.ts';
import type { Controls } from '../hud/controls.ts';
import type { SceneView } from '../scene/view.ts';
import { TipDrag } from './drag.ts';
import { Gamepads } from './gamepad.ts';
import { isTaken, Keyboard } from './keyboard.ts';

/** While something is held, it is said again this often, ms: the server takes silence for hands off. */
const REPEAT = 60;

/** A person's hands: keyboard, gamepad and mouse, made into what the arm is to do. */
export class Operator {
  private readonly send: (message: ClientMessage) => void;
  private readonly controls: Controls;
  private readonly keyboard = new Keyboard();
  private readonly gamepads = new Gamepads();
  private readonly drag: TipDrag;
  private readonly view: SceneView;
  private readonly help = make('div', { id: 'help', hidden: true });
  private enabled = false;
  private connected = true;
  private status: EpisodeStatus | null = null;
  private gripper = 1;
  private lastText = '';
  private lastTime = 0;

  constructor(view: SceneView, controls: Controls, send: (message: ClientMessage) => void) {
    this.view = view;
    this.controls = controls;
    this.send = send;
    this.drag = new TipDrag(view, view.stage.renderer.domElement);
    byId('view').append(this.help);
    view.onPicture = () => this.tick(performance.now());
    window.addEventListener('keydown', event => this.press(event));
  }

  greet(hello: Hello): void {
    this.enabled = hello.teleoperation;
    this.help.textContent = [
      'W A S D along the table · E Q up and down · J L turn · G gripper · Shift slowly · or drag the yellow ball, or a gamepad',
      'Space pauses · R restarts',
      ...(hello.recording ? ['Enter saves · Delete discards'] : []),
      ...(hello.handingBack ? ['T hands back'] : []),
    ].join(' · ');
  }

  follow(status: EpisodeStatus): void {
    const before = this.status?.driver;
    this.status = status;
    if (status.step === 0) this.gripper = 1;
    if (status.driver !== before) this.showHandles();
  }

  private get driving(): boolean {
    return this.enabled && this.connected && this.status?.driver === 'person';
  }

  private tick(now: number): void {
    this.drag.update();
    const pad = this.enabled ? this.gamepads.read() : null;
    if (pad?.pressed.has('takeOver')) this.controls.takeOver();
    if (!this.driving) {
      this.keyboard.told();
      return;
    }
    if (pad?.pressed.has('gripper')) this.toggleGripper();
    if (pad?.pressed.has('save')) this.send({ type: 'record', action: 'save' });
    if (pad?.pressed.has('discard')) this.send({ type: 'record', action: 'discard' });
    const drive = sum(this.keyboard.read(), pad?.drive);
    const position = this.drag.position;
    const text = JSON.stringify([drive, position]);
    const idle = position === null && drive.x === 0 && drive.y === 0 && drive.z === 0 && drive.turn === 0;
    if (text === this.lastText && (idle || now - this.lastTime < REPEAT)) return;
    if (now - this.lastTime < REPEAT / 3) return;
    this.lastText = text;
    this.lastTime = now;
    this.send({ type: 'drag', position });
    this.send({ type: 'drive', ...drive });
    this.keyboard.told();
    this.drag.told();
  }

  /** Takes the arm's handles away once the server is gone, and gives them back when it is there again. */
  connect(connected: boolean): void {
    this.connected = connected;
    this.showHandles();
  }

  private showHandles(): void {
    const driving = this.connected && this.status?.driver === 'person';
    this.drag.enable(driving);
    this.help.hidden = !driving;
  }

  private press(event: KeyboardEvent): void {
    if (isTaken(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { code } = event;
    if (code === 'Space') this.controls.togglePause();
    else if (code === 'Period') this.send({ type: 'step' });
    else if (code === 'KeyR') this.send({ type: 'restart' });
    else if (/^Digit[1-9]$/.test(code)) this.view.chooseCameraNumber(Number(code.slice(5)) - 1);
    else if (this.enabled && code === 'KeyT') this.controls.takeOver();
    else if (this.driving && code === 'KeyG') this.toggleGripper();
    else if (this.enabled && code === 'Enter') this.send({ type: 'record', action: 'save' });
    else if (this.enabled && code === 'Delete') this.send({ type: 'record', action: 'discard' });
    else if (!(this.driving && Keyboard.drives(event))) return;
    event.preventDefault();
  }

  private toggleGripper(): void {
    this.gripper = -this.gripper;
    this.send({ type: 'drive', ...this.keyboard.read(), gripper: this.gripper });
  }
}

function sum(a: Drive, b: Drive | undefined): Drive {
  if (b === undefined) return a;
  const share = (value: number) => Math.max(-1, Math.min(1, value));
  return { x: share(a.x + b.x), y: share(a.y + b.y), z: share(a.z + b.z), turn: share(a.turn + b.turn), gripper: 0 };
}
