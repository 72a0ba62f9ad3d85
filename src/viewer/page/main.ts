import './style.css';
import type { EpisodeStatus, Hello, ServerMessage } from '../protocol.ts';
import { Connection, type LinkState } from './connection.ts';
import { byId } from './dom.ts';
import { Controls } from './hud/controls.ts';
import { Hud } from './hud/hud.ts';
import { SceneView } from './scene/view.ts';
import { Tabs } from './tabs.ts';
import { Operator } from './teleoperation/operator.ts';
import { exposeForTests } from './test-hook.ts';
import { TrainingView } from './training/view.ts';
import { VideoMaker } from './video.ts';

const LINK_TEXTS: Readonly<Record<LinkState, string>> = {
  connecting: 'connecting …',
  connected: 'live',
  lost: 'connection lost, retrying …',
  refused: 'another server',
  ended: 'ended',
};

// index.html has it.
const view = new SceneView(byId('scene') as HTMLCanvasElement);
const hud = new Hud(byId('status'));
const training = new TrainingView(byId('charts'), runs => connection.send({ type: 'select', runs }));
const tabs = new Tabs();
const controls = new Controls(byId('bar'), {
  send: message => connection.send(message),
  chooseCamera: preset => view.chooseCamera(preset),
  toggle: (what, on) => view.toggle(what, on),
  savePicture: () => view.savePicture(),
});
const operator = new Operator(view, controls, message => connection.send(message));
let status: EpisodeStatus | null = null;
let video: VideoMaker | null = null;

function greet(hello: Hello): void {
  byId('title').textContent = hello.title;
  document.title = `${hello.title} · graspbridge`;
  view.greet(hello);
  hud.greet(hello);
  controls.greet(hello);
  tabs.show(hello);
  operator.greet(hello);
  if (hello.video !== null)
    video = new VideoMaker(hello.video, view, pictures => connection.send({ type: 'filmed', pictures }));
}

function receive(message: ServerMessage): void {
  if (message.type === 'hello') greet(message);
  else if (message.type === 'episode') {
    status = message;
    hud.show(message);
    controls.show(message);
    operator.follow(message);
  } else if (message.type === 'runs') training.list(message.runs);
  else if (message.type === 'metrics') training.add(message);
  else if (message.type === 'training') training.status(message);
  else if (message.type === 'notice') say(message.text, message.level);
  else {
    connect(false, 'ended');
    say(message.text, 'info', true);
  }
}

/** Shows whether the server is there: without it, what would ask it for something is disabled. */
function connect(connected: boolean, badge = ''): void {
  controls.connect(connected);
  operator.connect(connected);
  if (!connected) hud.halt(badge);
}

function say(text: string, level: 'info' | 'error', stays = false): void {
  const box = byId('message');
  box.textContent = text;
  box.dataset.level = level;
  box.hidden = false;
  if (!stays) setTimeout(() => box.textContent === text && box.toggleAttribute('hidden', true), 4000);
}

const connection = new Connection({
  onMessage: receive,
  onFrame: frame => (video ?? view).take(frame),
  onState: state => {
    const link = byId('link');
    link.dataset.state = state;
    link.textContent = LINK_TEXTS[state];
    if (state === 'refused') say('The server was started again: open the address it printed.', 'error', true);
    if (state === 'lost')
      say('The connection to the server is lost; retrying. Nothing on this page is live.', 'error', true);
    if (state === 'connected') byId('message').hidden = true;
    connect(state === 'connected', state === 'ended' ? 'ended' : 'not live');
  },
});

exposeForTests({ view, training, status: () => status });
