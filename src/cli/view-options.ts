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

/** Options of watching episodes. */
export const WATCH_OPTIONS = {
  ...PAGE_OPTIONS,
  speed: {
    ...{ type: 'number', least: 0.01, most: 1000 },
    describe: 'how fast episodes are shown, in times real time',
    defaultText: '1',
  },
} as const satisfies OptionSpecs;

/** Prints a page's address, and opens it where that is wanted and can be seen. */
export async function presentPage(url: string, values: Values<typeof PAGE_OPTIONS>, output: Output): Promise<void> {
  const { hasDisplay, openBrowser } = await import('../viewer/index.ts');
  output.line(`Viewer ${url}`);
  if (values.open !== false && hasDisplay()) openBrowser(url);
}
