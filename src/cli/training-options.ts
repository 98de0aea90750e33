import type { Value, ValueMap } from '../core/value.ts';
import { MlopsError } from '../core/errors.ts';
import type { BuiltIn } from '../core/built-in/index.ts';
import { type ByHandResult, runByHand } from '../features/training/by-hand.ts';
import type { Command, OptionSpec } from './command.ts';
import { parseCount, parseIndex, parseNumber } from './parse.ts';

/** A flag of a built-in stage: its option, and the dotted setting that it gives. */
export type SettingFlag = readonly [...option: Required<OptionSpec>, setting: string];

/** What every built-in stage takes when it is run by hand. */
export const BY_HAND_OPTIONS: readonly OptionSpec[] = [
  ['--config <file>', 'settings from a YAML, JSON or TOML file, as in .mlops.yaml; flags win'],
  ['-f, --force', 'replace outputs that are there'],
];

/** What they are when they are parsed. */
export interface ByHandOptions {
  readonly config?: string;
  readonly force?: boolean;
}

/** Runs a built-in stage by hand with what its flags say. */
export function byHand<Kind extends BuiltIn>(
  kind: Kind,
  flags: readonly SettingFlag[],
): Command<ByHandOptions, ByHandResult<Kind>>['run'] {
  return ({ options }, { cwd, env, report, signal }) =>
    runByHand(kind, {
      settings: settingsOf(options, flags),
      config: options.config ?? null,
      force: options.force ?? false,
      cwd,
      env,
      report,
      signal,
    });
}

/** The flags as options of a command. */
export function optionsOf(flags: readonly SettingFlag[]): OptionSpec[] {
  return flags.map(([names, help, parse]) => [names, help, parse]);
}

/** The settings that parsed options give, nested as in `.mlops.yaml`. */
function settingsOf(options: object, flags: readonly SettingFlag[]): ValueMap {
  const settings: Record<string, Value> = {};
  for (const [names, , , setting] of flags) {
    const value: unknown = Reflect.get(options, attributeOf(names));
    if (value !== undefined) put(settings, setting.split('.'), value as Value);
  }
  return settings;
}

/** `reading of a flag's text`, for flags whose setting is a text. */
export const asText = (text: string): Value => text;

/** A whole number above zero, as settings hold it. */
export const asCount = (text: string): Value => BigInt(parseCount(text));

/** A whole number, as settings hold it. */
export const asIndex = (text: string): Value => BigInt(parseIndex(text));

/** A number, as settings hold it. */
export const asNumber = (text: string): Value => parseNumber(text);

/** `a,b,c`. */
export const asTexts = (text: string): Value => text.split(',').map((word) => word.trim());

/** `32,16`. */
export const asCounts = (text: string): Value => {
  if (text.trim() === '') return [];
  return text.split(',').map((word) => BigInt(parseCount(word.trim())));
};

function put(settings: Record<string, Value>, [key = '', ...rest]: readonly string[], value: Value): void {
  if (rest.length === 0) {
    settings[key] = value;
    return;
  }
  const inner = (settings[key] ??= {}) as Record<string, Value>;
  if (typeof inner !== 'object') throw new MlopsError('usage', `Two flags say what ${key} is.`);
  put(inner, rest, value);
}

/** `--batch-size <count>` → `batchSize`, as the parser of the command line names it. */
function attributeOf(names: string): string {
  const long = /--([\w-]+)/.exec(names)?.[1] ?? '';
  return long.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
