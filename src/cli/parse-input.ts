import { CommanderError, Option, Command as Parser } from 'commander';
import { MlopsError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import type { Command, Input, OptionSpec } from './command.ts';
import { globalOptionsBeside } from './global-options.ts';

/** Every option that a command line may hold, the global ones included. */
export interface ParsedOptions {
  readonly cd?: string;
  /** False for `--no-wait`, milliseconds for `--wait`; both missing: wait for ever. */
  readonly wait?: boolean | number;
}

/** The words after a command's name → what its `run` receives. */
export function parseInput(command: Command, words: readonly string[]): Input<ParsedOptions> {
  const specs = [...(command.options ?? []), ...globalOptionsBeside(command.options ?? [])];
  const declared = command.args ?? '';
  const [args = ''] = declared.split(/ ?\[-- /);
  const splits = args !== declared;
  const dashes = words.indexOf('--');
  const [before, behind] = splits && dashes >= 0 ? [words.slice(0, dashes), words.slice(dashes + 1)] : [words, []];

  const parser = new Parser(command.name)
    .helpOption(false)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  if (args !== '') parser.arguments(args);
  for (const spec of specs) parser.addOption(optionOf(spec));

  try {
    parser.parse(before, { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? wrongUsage(error, command, specs) : error;
  }
  return { args: parser.args, afterDashes: behind, options: parser.opts() };
}

/** Words that name no command are options that every command takes, or wrong. `name`: of a group of commands, or empty. */
export function refuseUnknownOptions(name: string, words: readonly string[]): void {
  const options: OptionSpec[] = name === '' ? [['--version', 'the version']] : [];
  const nothing: Command = { name, options, examples: [], run: async () => null, render: () => '' };
  parseInput(nothing, words);
}

function optionOf([flags, help, parse]: OptionSpec): Option {
  const option = new Option(flags, help);
  if (parse !== undefined) {
    option.argParser((text: string, previous: unknown) => {
      try {
        return parse(text, previous);
      } catch (error) {
        if (!(error instanceof MlopsError)) throw error;
        throw new MlopsError('usage', `${option.long ?? flags}: ${error.message}.`, { cause: error });
      }
    });
  }
  return option;
}

function wrongUsage({ code, message }: CommanderError, command: Command, specs: readonly OptionSpec[]): MlopsError {
  const typed = /'([^']*)'/.exec(message)?.[1] ?? '';
  const name = `mlops ${command.name}`.trim();
  const help = `${name} --help`;
  if (code === 'commander.unknownOption') {
    const known = specs.flatMap(([flags]) => flags.match(/--[\w-]+/g) ?? []);
    const meant = nearest(typed, known);
    return new MlopsError('usage', `${name} has no option ${typed}.`, {
      hint: meant === undefined ? `All its options: ${help}` : `Did you mean ${meant}? All its options: ${help}`,
    });
  }
  if (code === 'commander.missingArgument') {
    return new MlopsError('usage', `${name} needs <${typed}>.`, { hint: `How it is used: ${help}` });
  }
  if (code === 'commander.excessArguments') {
    const takes = command.args === undefined ? 'no arguments' : command.args;
    return new MlopsError('usage', `Too many arguments: ${name} takes ${takes}.`, {
      hint: `How it is used: ${help}`,
    });
  }
  if (code === 'commander.optionMissingArgument') {
    return new MlopsError('usage', `The option ${typed} needs a value.`, { hint: `How it is used: ${help}` });
  }
  const sentence = message.replace(/^error: /, '');
  return new MlopsError('usage', `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`, {
    hint: `How it is used: ${help}`,
  });
}
