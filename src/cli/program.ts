import yargs from 'yargs';
import { GraspbridgeError, UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import { benchCommand } from './bench.ts';
import type { Command, OptionSpec, OptionSpecs, Values } from './command.ts';
import { demosCommand } from './demos.ts';
import { exportCommand } from './export.ts';
import { keysCommand } from './keys.ts';
import { plotCommand } from './plot.ts';
import { recordCommand } from './record.ts';
import { simulatorCommand } from './simulator.ts';
import { teleoperateCommand } from './teleoperate.ts';
import { testCommand } from './test.ts';
import { trainCommand } from './train.ts';
import { checkValues, readConfigFile } from './values.ts';
import { version } from './version.ts';
import { viewCommand } from './view.ts';
import { workerCommand } from './worker.ts';

export const COMMANDS: readonly Command[] = [
  trainCommand,
  testCommand,
  recordCommand,
  demosCommand,
  teleoperateCommand,
  viewCommand,
  plotCommand,
  exportCommand,
  workerCommand,
  keysCommand,
  simulatorCommand,
  benchCommand,
];

/** Exit codes. */
export const EXIT = { fine: 0, failed: 1, usage: 2 } as const;

/**
 * Runs one command line. The number is the exit code: 0 fine, 1 failed, 2 wrong usage, 130, 143 or 129 after a
 * signal.
 *
 * @param argv what follows the program's name.
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(argv);
  } catch (error) {
    return report(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [name, ...words] = argv;
  if (name === '--version' || name === '-v') {
    console.log(version());
    return EXIT.fine;
  }
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && words.length === 0)) {
    console.log(overview());
    return name === undefined ? EXIT.usage : EXIT.fine;
  }
  if (name === 'help') return dispatch([...words, '--help']);
  const names = COMMANDS.map(command => command.name);
  const command = COMMANDS.find(candidate => candidate.name === name);
  if (command === undefined)
    throw new UsageError(`There is no command "${name}".${suggestion(name, names)} See graspbridge --help.`);
  return command.subcommands === undefined ? runCommand(command, words) : runSubcommand(command, words);
}

/** The word after the command's name chooses which of its own commands runs. */
async function runSubcommand(command: Command, [word, ...words]: readonly string[]): Promise<number> {
  const subcommands = command.subcommands ?? [];
  if (word === undefined || word === '--help' || word === '-h') {
    console.log(overviewOf(`${command.name} <command>`, command.summary, subcommands));
    return word === undefined ? EXIT.usage : EXIT.fine;
  }
  const subcommand = subcommands.find(({ name }) => name === `${command.name} ${word}`);
  if (subcommand === undefined) {
    const names = subcommands.map(({ name }) => name.slice(command.name.length + 1));
    throw new UsageError(
      `There is no command "${command.name} ${word}".${suggestion(word, names)} See graspbridge ${command.name} --help.`,
    );
  }
  return runCommand(subcommand, words);
}

async function runCommand(command: Command, words: readonly string[]): Promise<number> {
  const parser = parserFor(command, 'parse');
  const beforeDashes = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  if (beforeDashes.includes('--help') || beforeDashes.includes('-h')) {
    const words = beforeDashes.filter(word => word !== '--help' && word !== '-h');
    console.log(await parserFor(await withHelp(command, words), 'help').getHelp());
    return EXIT.fine;
  }
  if (command.passesOn === true) return command.run({ values: {}, words: [], rest: words });
  for (const word of beforeDashes) {
    // yargs would take any such value for false.
    const [, option = '', value] = /^--([^=]+)=(.*)$/.exec(word) ?? [];
    if (command.options[option]?.type === 'boolean' && value !== 'true' && value !== 'false')
      throw new UsageError(`--${option} takes no value, but got "${value}".`);
  }
  const parsed = await parser.parse([...words]);
  const {
    _: plain,
    $0: _program,
    '--': behindDashes = [],
    ...given
  } = parsed as Record<string, unknown> & {
    _: (string | number)[];
    '--'?: string[];
  }; // What yargs returns beside the options; its own type says less.
  // Behind `--` may be words that begin with a dash.
  const positional = [...plain, ...behindDashes].map(String);
  if (positional.includes(''))
    throw new UsageError(`${command.name} got an empty word. Name a file or a run, or leave it out.`);
  if (positional.length > 0 && command.words === undefined)
    throw new UsageError(
      `${command.name} takes no words of its own, but got "${positional[0]}".${suggestion(
        positional[0] as string,
        Object.keys(command.options).map(option => `--${option}`),
      )}`,
    );
  const fromLine = checkValues(command.options, given);
  const fromFile = typeof fromLine.config === 'string' ? readConfigFile(command.options, fromLine.config) : {};
  // checkValues made every value what its spec says.
  const values = { ...fromFile, ...fromLine } as Values<OptionSpecs>;
  return command.run({ values, words: positional, rest: [] });
}

/** The command with what its help says for the options that were given. */
async function withHelp(command: Command, words: readonly string[]): Promise<Command> {
  if (command.help === undefined) return command;
  const help = command.help;
  // Whoever asks for help may have written something wrong: then the help is that of the command alone.
  const said = await Promise.resolve()
    .then(async () => optionsOf(await parserFor(command, 'parse').parse([...words])))
    // checkValues makes every value what its spec says.
    .then(given => help(checkValues(command.options, given) as Values<OptionSpecs>))
    .catch((error: unknown) => {
      if (error instanceof UsageError) return help({});
      throw error;
    });
  const options = Object.entries(command.options).map(([name, spec]) => [name, { ...spec, ...said[name] }] as const);
  return { ...command, options: Object.fromEntries(options) };
}

/** The options in what yargs returns. */
function optionsOf({ _: __, $0: ___, '--': ____, ...given }: Record<string, unknown>): Record<string, unknown> {
  return given;
}

function parserFor(command: Command, purpose: 'parse' | 'help') {
  let parser = yargs()
    .scriptName('graspbridge')
    .usage(`$0 ${[command.name, command.words, '[options]'].filter(Boolean).join(' ')}\n\n${command.summary}.`)
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'strip-aliased': true,
    })
    .fail((message, error) => {
      // What yargs itself finds wrong comes as an error without a type of its own.
      throw new UsageError(`${message ?? error?.message}. See graspbridge ${command.name} --help.`);
    });
  for (const [name, spec] of Object.entries(command.options)) parser = parser.option(name, toYargs(spec, purpose));
  parser = parser.option('help', { type: 'boolean', describe: 'show this' });
  for (const [line, what] of command.examples) parser = parser.example(`$0 ${command.name} ${line}`.trimEnd(), what);
  return parser;
}

function toYargs(spec: OptionSpec, purpose: 'parse' | 'help') {
  const { type, describe, choices, bare, defaultText = spec.default } = spec;
  const types = { boolean: 'boolean', list: 'array', string: 'string', number: 'number' } as const;
  return {
    describe,
    // Numbers are read by our own checks, which say more than NaN.
    type: type === 'number' && purpose === 'parse' ? 'string' : types[type],
    requiresArg: type !== 'boolean' && bare === undefined,
    ...(choices === undefined || purpose === 'parse' ? {} : { choices }),
    ...(defaultText === undefined ? {} : { defaultDescription: String(defaultText) }),
  };
}

function overview(): string {
  return [
    overviewOf('<command>', 'A robot learns to grasp in simulation', COMMANDS),
    '--version shows the version.',
  ].join(' ');
}

function overviewOf(usage: string, summary: string, commands: readonly Command[]): string {
  const width = Math.max(...commands.map(command => command.name.length));
  return [
    `graspbridge ${usage} [options]`,
    '',
    `${summary}.`,
    '',
    'Commands:',
    ...commands.map(command => `  ${command.name.padEnd(width + 2)}${command.summary}`),
    '',
    `graspbridge ${usage} --help shows its options with examples.`,
  ].join('\n');
}

/** What went wrong, on stderr; a stack trace only where it is this program's own fault. */
function report(error: unknown): number {
  if (error instanceof GraspbridgeError) {
    process.stderr.write(`${error.message}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
  if (isSystemError(error)) {
    process.stderr.write(`The system refused what this needs: ${error.message}\n`);
    return EXIT.failed;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  return EXIT.failed;
}

/** Of a full or read-only disk, of missing rights or files: no fault of the program's. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
