import { UsageError } from '../common/errors.ts';
import type { OptionSpecs, Values } from './command.ts';
import type { Output } from './output.ts';

/** Options of every command that shows a page. */
export const PAGE_OPTIONS = {
  port: {
    ...{ type: 'number', whole: true, least: 0, most: 65535 },
    describe: "the page's port on 127.0.0.1",
    defaultText: 'any free one',
  },
  open: { type: 'boolean', describe: 'open the page in the browser; --no-open only prints its address' },
} as const satisfies OptionSpecs;

/** Options of commands that show a page where they are asked to. */
export const GUI_OPTIONS = {
  ...PAGE_OPTIONS,
  gui: {
    type: 'boolean',
    describe: 'show what happens: on a page in the browser, or with coppeliasim in its own window',
  },
} as const satisfies OptionSpecs;

/** Options of watching episodes. */
export const WATCH_OPTIONS = {
  ...GUI_OPTIONS,
  speed: {
    ...{ type: 'number', least: 0.01, most: 1000 },
    describe: 'how fast episodes are shown, in times real time',
    default: 1,
  },
} as const satisfies OptionSpecs;

/** Throws UsageError for an option of the page where there is none. */
export function checkNoPage(values: Values<Pick<typeof WATCH_OPTIONS, 'port' | 'open' | 'speed'>>): void {
  const given = (['port', 'open', 'speed'] as const).find(name => values[name] !== undefined);
  if (given !== undefined)
    throw new UsageError(`--${given} is the page's, which --gui shows with the embedded simulator. Leave it out.`);
}

/** Prints a page's address, and opens it where that is wanted and can be seen. */
export async function presentPage(url: string, values: Values<typeof PAGE_OPTIONS>, output: Output): Promise<void> {
  const { hasDisplay, openBrowser } = await import('../viewer/index.ts');
  output.line(`Viewer ${url}`);
  if (values.open !== false && hasDisplay()) openBrowser(url);
}
