/** One option of a command, as the command line, the help and a config file see it. */
export interface OptionSpec {
  readonly type: 'string' | 'number' | 'boolean' | 'list';
  readonly describe: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
  /** Of a number: the least and the most that it may be; whether it must be whole. */
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
  /** Of a text: what it is where the option is given without a value; without this, it needs one. */
  readonly bare?: string;
  /** The value that `withDefaults` fills in; the help shows it. */
  readonly default?: string | number;
  /** Shown in the help as the default if it is no fixed value. */
  readonly defaultText?: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type ValueOf<Type extends OptionSpec['type']> = {
  string: string;
  number: number;
  boolean: boolean;
  list: readonly string[];
}[Type];

/** What was given, by option; nothing has a default here, so that what was asked for can be told from what was not. */
export type Values<Specs extends OptionSpecs> = { readonly [Name in keyof Specs]?: ValueOf<Specs[Name]['type']> };

/** The same with every option that has a default. */
export type CompleteValues<Specs extends OptionSpecs> = Values<Specs> & {
  readonly [Name in keyof Specs as Specs[Name] extends { readonly default: string | number } ? Name : never]: ValueOf<
    Specs[Name]['type']
  >;
};

/** Fills in the defaults that the help shows. */
export function withDefaults<Specs extends OptionSpecs>(specs: Specs, values: Values<Specs>): CompleteValues<Specs> {
  const defaults = Object.entries(specs).flatMap(([name, spec]) =>
    spec.default === undefined ? [] : [[name, spec.default] as const],
  );
  return { ...Object.fromEntries(defaults), ...values } as CompleteValues<Specs>; // Of the type that each spec says.
}

/** What the help says about options, by name, beside what their specs say. */
export type OptionHelp = Readonly<Record<string, Partial<Pick<OptionSpec, 'describe' | 'defaultText'>>>>;

/** What a command is called with beside its options. */
export interface Invocation<Specs extends OptionSpecs> {
  readonly values: Values<Specs>;
  /** Words that are no options, and all behind `--`. */
  readonly words: readonly string[];
  /** For a command that passes things on, all that it does not know; empty for others. */
  readonly rest: readonly string[];
}

/** One command: what it is called, what it takes, and what it does. */
export interface Command<Specs extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  readonly summary: string;
  /** How the words after the name are shown in the help, such as `[runs..]`; none by default. */
  readonly words?: string;
  /** Commands of its own, each named `<name> <word>`; then `options` and `run` are only for the help. */
  readonly subcommands?: readonly Command[];
  /** Unknown options belong to what is called. */
  readonly passesOn?: boolean;
  readonly options: Specs;
  /** What the help says that depends on other options, such as defaults; called for `--help` alone. */
  readonly help?: (values: Values<Specs>) => Promise<OptionHelp>;
  /** Arguments and what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Does it; the number is the exit code. Modules that take long to load are imported here. */
  run(invocation: Invocation<Specs>): Promise<number>;
}

/** Keeps the options' types for `run`. */
export function defineCommand<const Specs extends OptionSpecs>(command: Command<Specs>): Command {
  // What `run` receives was checked against these very specs, which the type of a list of commands cannot say.
  return command as unknown as Command;
}

export const JSON_OPTION = {
  json: { type: 'boolean', describe: 'print one JSON object as the last line; progress goes to stderr' },
} as const satisfies OptionSpecs;

export const CONFIG_OPTION = {
  config: { type: 'string', describe: 'a JSON file with options by name; the command line wins' },
} as const satisfies OptionSpecs;

export const RUNS_OPTION = {
  'runs-dir': { type: 'string', describe: 'folder of the runs', default: 'runs' },
} as const satisfies OptionSpecs;
