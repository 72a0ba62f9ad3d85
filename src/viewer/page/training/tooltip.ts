import type uPlot from 'uplot';
import { formatCount, make } from '../dom.ts';
import { type Line, labelOf, short } from './line.ts';

/** More lines than this are not told of at once. */
const MOST_LINES = 8;
/** A line as near as this is meant by the pointer, CSS pixels. */
const REACH = 24;

/** The lines' values under the pointer, beside it. */
export class Tooltip {
  readonly root = make('div', { class: 'tooltip', hidden: true });

  /** Shows the values at a place of the plot (CSS pixels); returns the line that is meant, if any. */
  show(plot: uPlot, lines: readonly Line[], left: number, top: number): Line | null {
    const step = plot.posToVal(left, 'x');
    const found = lines.flatMap(line => {
      const value = line.curve.at(step);
      return value === null ? [] : [{ line, value, distance: Math.abs(plot.valToPos(value, 'y') - top) }];
    });
    found.sort((a, b) => a.distance - b.distance);
    const [nearest] = found;
    this.root.hidden = nearest === undefined;
    if (nearest === undefined) return null;
    const meant = nearest.distance <= REACH ? nearest.line : null;
    const rows = found.slice(0, MOST_LINES).sort((a, b) => b.value - a.value);
    this.root.replaceChildren(
      make('div', { class: 'pale' }, `${formatCount(Math.round(step))} steps`),
      ...rows.map(({ line, value }) => {
        const swatch = make('i');
        swatch.style.background = line.stroke.color;
        swatch.style.opacity = String(line.stroke.alpha);
        const row = make('div', { class: 'value' }, swatch, make('span', {}, labelOf(line, lines)), short(value));
        row.classList.toggle('meant', line === meant);
        return row;
      }),
      ...(found.length > MOST_LINES ? [make('div', { class: 'pale' }, `and ${found.length - MOST_LINES} more`)] : []),
    );
    const { clientWidth: width, clientHeight: height, offsetLeft, offsetTop } = plot.over;
    // On the side with more room, and never below the chart.
    const onTheLeft = left > width / 2;
    this.root.style.left = onTheLeft ? '' : `${offsetLeft + left + 16}px`;
    this.root.style.right = onTheLeft ? `${plot.root.clientWidth - offsetLeft - left + 16}px` : '';
    this.root.style.top = `${offsetTop + Math.max(0, Math.min(top, height - this.root.offsetHeight))}px`;
    return meant;
  }

  hide(): void {
    this.root.hidden = true;
  }
}
