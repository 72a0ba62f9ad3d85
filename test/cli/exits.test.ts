import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/program.ts';
import { FORMATS as FILE_FORMATS } from '../../src/demos/formats/index.ts';
import { freePort } from '../bridge/coppeliasim/supervisor/fake-installation.ts';
import { benchLine, commandLines, FORMATS, inputsIn, makeInputs } from './command-lines.ts';
import { MAIN } from './run-cli.ts';
import { killRemaining, measurePatience, runToExit } from './run-to-exit.ts';

/** The built program to test in place of the sources, as `npm run test:package` does. */
const built = process.env.GRASPBRIDGE_MAIN;
const program = built === undefined ? [process.execPath, '--import', 'tsx', MAIN] : [process.execPath, built];

const folder = mkdtempSync(join(tmpdir(), 'graspbridge-exits-'));
mkdirSync(join(folder, 'new'));
const inputs = inputsIn(folder, await Promise.all([freePort(), freePort(), freePort()]));
const preparations = makeInputs(inputs);
const lines = [...commandLines(inputs), benchLine(built !== undefined)];

afterAll(() => {
  killRemaining();
  rmSync(folder, { recursive: true, force: true });
});

test('the table has every command and every file format', () => {
  const names = [...preparations, ...lines].map(({ name }) => name);
  const leaves = (command: Command): string[] =>
    command.subcommands === undefined ? [command.name] : command.subcommands.flatMap(leaves);
  const missing = COMMANDS.flatMap(leaves).filter(
    name => !names.some(line => line === name || line.startsWith(`${name} `)),
  );
  expect(missing, 'add a line to test/cli/command-lines.ts for each').toEqual([]);
  const uncovered = FILE_FORMATS.filter(({ extensions }) => !FORMATS.some(format => extensions.includes(`.${format}`)));
  expect(uncovered).toEqual([]);
});

describe('after its result every command ends', () => {
  // A hung preparation fails as itself; the rows that need its file fail with it.
  const made = new Map<string, unknown>();
  let patience = 0;
  beforeAll(async () => {
    patience = await measurePatience(program);
    for (const line of preparations)
      await runToExit(program, line, patience).catch(error => {
        made.set(line.name, error);
      });
  });

  test.each(preparations)('$name', ({ name }) => {
    if (made.has(name)) throw made.get(name);
  });

  test.concurrent.each(lines)('$name', async line => {
    await runToExit(program, line, patience);
  });
});
