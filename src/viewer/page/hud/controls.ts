import type { ClientMessage, EpisodeStatus, Hello } from '../../protocol.ts';
import { letGo, make } from '../dom.ts';
import { CAMERA_PRESETS, type CameraPreset } from '../scene/cameras.ts';

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 10] as const;

export interface ControlHandlers {
  send(message: ClientMessage): void;
  chooseCamera(preset: CameraPreset): void;
  toggle(what: 'trails' | 'contacts' | 'colliders', on: boolean): void;
  savePicture(): void;
}

/** The bar under the picture: time, episodes, camera, and who drives. */
export class Controls {
  private readonly root: HTMLElement;
  private readonly handlers: ControlHandlers;
  private readonly pause: HTMLButtonElement;
  private readonly speed: HTMLSelectElement;
  /** Browsers show the focus of a list however it came there; it is given back after a click only. */
  private speedClicked = false;
  private readonly drive: HTMLButtonElement;
  private readonly recording = make('span', { class: 'group server', id: 'recording' });
  private status: EpisodeStatus | null = null;
  private recordingKey = '';
  private connected = true;

  constructor(root: HTMLElement, handlers: ControlHandlers) {
    this.root = root;
    this.handlers = handlers;
    const { send } = handlers;
    this.pause = this.button('pause', 'Pause', 'Pause or go on (space)', () =>
      send({ type: 'pause', paused: !(this.status?.paused ?? false) }),
    );
    this.speed = make(
      'select',
      { id: 'speed', title: 'Speed', onchange: () => this.chooseSpeed() },
      ...SPEEDS.map(speedOption),
    );
    this.speed.addEventListener('pointerdown', () => {
      this.speedClicked = true;
    });
    this.speed.addEventListener('blur', () => {
      this.speedClicked = false;
    });
    this.drive = this.button('take-over', 'Take over', 'Drive the arm yourself (T)', () => this.takeOver());
  }

  greet(hello: Hello): void {
    const { send } = this.handlers;
    const seed = make('input', {
      id: 'seed',
      type: 'number',
      min: 0,
      max: 4294967295,
      placeholder: 'seed',
      title: 'Play the episode of a seed',
    });
    const play = (event: Event) => {
      event.preventDefault();
      if (seed.value !== '') send({ type: 'seed', seed: Number(seed.value) });
      seed.blur();
    };
    const playback = make(
      'span',
      { class: 'group server' },
      this.pause,
      this.button('step', 'Step', 'One step of the environment (.)', () => send({ type: 'step' })),
      this.speed,
      this.button('restart', 'Restart', 'This episode from its beginning (R)', () => send({ type: 'restart' })),
      make('form', { onsubmit: play }, seed),
    );
    const cameras = CAMERA_PRESETS.map((preset, i) =>
      this.button(`camera-${preset.name.toLowerCase()}`, preset.name, `Camera ${i + 1} (${i + 1})`, () =>
        this.handlers.chooseCamera(preset),
      ),
    );
    const more = this.button('more', 'View …', 'Cameras, and what is shown', () => this.root.classList.toggle('open'));
    const looks = make(
      'span',
      { class: 'group more' },
      this.check('trails', 'trails', true),
      this.check('contacts', 'contacts', true),
      this.check('colliders', 'collision shapes', false),
      this.button('picture', 'Picture', 'Download this view as PNG', () => this.handlers.savePicture()),
    );
    this.root.replaceChildren(
      ...(hello.playback ? [playback] : []),
      ...(hello.teleoperation && hello.handingBack ? [make('span', { class: 'group server' }, this.drive)] : []),
      ...(hello.teleoperation ? [this.recording] : []),
      more,
      make('span', { class: 'group more' }, ...cameras),
      looks,
    );
    this.root.hidden = hello.scene === null;
    this.enable();
  }

  show(status: EpisodeStatus): void {
    this.status = status;
    this.pause.textContent = status.paused ? 'Go on' : 'Pause';
    this.pause.classList.toggle('on', status.paused);
    this.showSpeed(status.speed);
    this.drive.textContent = status.driver === 'person' ? 'Hand back' : 'Take over';
    this.drive.classList.toggle('on', status.driver === 'person');
    this.showRecording(status);
  }

  /** Disables what asks the server for something while it is not there. */
  connect(connected: boolean): void {
    this.connected = connected;
    this.enable();
  }

  private enable(): void {
    for (const control of this.root.querySelectorAll<HTMLButtonElement | HTMLSelectElement | HTMLInputElement>(
      '.server :is(button, select, input)',
    ))
      control.disabled = !this.connected;
  }

  takeOver(): void {
    this.handlers.send({ type: 'take_over', active: this.status?.driver !== 'person' });
  }

  togglePause(): void {
    this.pause.click();
  }

  private chooseSpeed(): void {
    this.handlers.send({ type: 'speed', speed: Number(this.speed.value) });
    if (this.speedClicked) this.speed.blur();
  }

  /** Chooses the speed in the list, which gets it as one more where it is not there. */
  private showSpeed(speed: number): void {
    if (document.activeElement === this.speed) return;
    const options = [...this.speed.options];
    if (!options.some(option => Number(option.value) === speed))
      this.speed.add(speedOption(speed), options.find(option => Number(option.value) > speed) ?? null);
    this.speed.value = String(speed);
  }

  private showRecording({ recording }: EpisodeStatus): void {
    const key = JSON.stringify(recording);
    if (key === this.recordingKey) return;
    this.recordingKey = key;
    if (recording === null) {
      this.recording.replaceChildren();
      return;
    }
    const { on, steps, driven, saved, undecided } = recording;
    const send = (action: 'on' | 'off' | 'save' | 'discard') => () => this.handlers.send({ type: 'record', action });
    const record = this.button(
      'record',
      on ? 'Stop recording' : 'Record',
      'Keep episodes as demonstrations',
      send(on ? 'off' : 'on'),
    );
    record.classList.toggle('on', on);
    const decide = [
      this.button('save', 'Save', 'Keep this episode (Enter)', send('save')),
      this.button('discard', 'Discard', 'Forget this episode (Delete)', send('discard')),
    ];
    this.recording.replaceChildren(
      record,
      ...(undecided || (on && steps > 0) ? decide : []),
      make('span', { class: 'count' }, `${steps} steps, ${driven} by hand · ${saved} saved`),
    );
    this.recording.classList.toggle('undecided', undecided);
    this.enable();
  }

  private button(id: string, text: string, title: string, onclick: () => void): HTMLButtonElement {
    const button = make('button', { id, type: 'button', title }, text);
    button.addEventListener('click', () => {
      onclick();
      letGo(button);
    });
    return button;
  }

  private check(what: 'trails' | 'contacts' | 'colliders', text: string, checked: boolean): HTMLElement {
    const box = make('input', { type: 'checkbox', id: `show-${what}`, checked });
    box.addEventListener('change', () => {
      this.handlers.toggle(what, box.checked);
      letGo(box);
    });
    return make('label', {}, box, text);
  }
}

function speedOption(speed: number): HTMLOptionElement {
  return make('option', { value: speed }, `${speed} ×`);
}
