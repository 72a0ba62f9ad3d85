import { make } from '../dom.ts';

interface Bar {
  readonly fill: HTMLElement;
  readonly value: HTMLElement;
}

/** A column of bars that grow from their middle: one for each number, all within [low, high]. */
export class Bars {
  readonly root = make('div', { class: 'bars' });
  private readonly format: (value: number) => string;
  private bars: Bar[] = [];
  private names = '';

  constructor(format: (value: number) => string) {
    this.format = format;
  }

  show(names: readonly string[], values: readonly number[], ranges: readonly (readonly [number, number])[]): void {
    if (names.join() !== this.names || this.bars.length !== values.length) this.build(names, values.length);
    for (const [i, value] of values.entries()) {
      const [low, high] = ranges[i] ?? [-1, 1];
      const at = (x: number) => Math.max(0, Math.min(1, (x - low) / (high - low)));
      const zero = at(0);
      const end = at(value);
      const { fill, value: label } = this.bars[i] as Bar; // Built for as many just above.
      fill.style.left = `${100 * Math.min(zero, end)}%`;
      fill.style.width = `${100 * Math.abs(end - zero)}%`;
      fill.classList.toggle('negative', value < 0);
      label.textContent = this.format(value);
    }
  }

  private build(names: readonly string[], count: number): void {
    this.names = names.join();
    this.bars = [];
    const rows = Array.from({ length: count }, (_, i) => {
      const fill = make('i');
      const value = make('output');
      this.bars.push({ fill, value });
      return make('div', { class: 'bar' }, make('span', {}, names[i] ?? String(i + 1)), make('b', {}, fill), value);
    });
    this.root.replaceChildren(...rows);
  }
}
