import type { Hello } from '../protocol.ts';
import { byId, make } from './dom.ts';

type Tab = 'scene' | 'training' | 'both';

/** Which of the page's two halves is seen: the robot, the curves, or both. */
export class Tabs {
  private tab: Tab = 'scene';
  private chosen = false;

  show(hello: Hello): void {
    const available: Tab[] =
      hello.scene === null ? ['training'] : hello.training ? ['both', 'scene', 'training'] : ['scene'];
    if (!this.chosen) this.tab = available[0] as Tab; // Each list has a first.
    const names: Readonly<Record<Tab, string>> = { both: 'Both', scene: 'Robot', training: 'Training' };
    byId('tabs').replaceChildren(
      ...(available.length < 2 ? [] : available).map(tab =>
        make('button', { type: 'button', id: `tab-${tab}`, onclick: () => this.choose(tab) }, names[tab]),
      ),
    );
    this.apply();
  }

  private choose(tab: Tab): void {
    this.chosen = true;
    this.tab = tab;
    this.apply();
  }

  private apply(): void {
    document.body.dataset.tab = this.tab;
    byId('scene').hidden = this.tab === 'training';
    byId('charts').hidden = this.tab === 'scene';
    for (const button of byId('tabs').children) button.classList.toggle('on', button.id === `tab-${this.tab}`);
  }
}
