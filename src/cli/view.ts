import { closeAfter } from '../common/close-all.ts';
import { CONFIG_OPTION, defineCommand, RUNS_OPTION } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput } from './output.ts';
import { PAGE_OPTIONS, presentPage } from './view-options.ts';

export const viewCommand = defineCommand({
  name: 'view',
  summary: 'Show the curves of runs on a page in the browser, also while they train; until Ctrl-C',
  words: '[runs..]',
  options: {
    ...PAGE_OPTIONS,
    ...RUNS_OPTION,
    ...CONFIG_OPTION,
  },
  examples: [
    ['', 'all runs'],
    ['runs/first runs/second', 'two runs'],
    ['--no-open --port 8080', 'over ssh: forward the port (ssh -L 8080:127.0.0.1:8080), then open the address'],
  ],
  async run({ values, words }) {
    const output = createOutput(false);
    const { RunDirectory, RunFeed } = await import('../training/index.ts');
    const { LiveViewer, RunWatcher } = await import('../viewer/index.ts');
    const { existsSync, statSync } = await import('node:fs');
    const directory = values['runs-dir'] ?? RUNS_OPTION['runs-dir'].default;
    const isDirectory = (word: string) => statSync(word, { throwIfNoEntry: false })?.isDirectory() === true;
    // A folder that is not a run holds runs; anything else must be one.
    const isFolder = (word: string) => isDirectory(word) && !existsSync(`${word}/config.json`);
    const paths = words.map(word => (isFolder(word) ? word : RunDirectory.open(directory, word).path));
    const watcher = new RunWatcher(new RunFeed(paths.length === 0 ? [directory] : paths));
    const viewer = await LiveViewer.start({
      title: 'runs',
      ...(values.port === undefined ? {} : { port: values.port }),
      abilities: { training: true },
      greetings: () => [watcher.greeting()],
      onMessage: (message, client) => watcher.handle(message, client),
      onLeave: client => watcher.leave(client),
      announce: text => output.line(text),
    });
    const interrupt = listenForInterrupt(() => {});
    return closeAfter(
      async () => {
        watcher.attach(viewer);
        await presentPage(viewer.url, values, output);
        output.line('Ctrl-C ends.');
        await new Promise<void>(done => interrupt.signal.addEventListener('abort', () => done(), { once: true }));
        return interrupt.code();
      },
      watcher,
      viewer,
      interrupt.release,
    );
  },
});
