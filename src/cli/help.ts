import type { Command, CommandEntry, CommandGroup, OptionSpec } from './command.ts';
import type { Found } from './find-command.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import type { Style } from './output/style.ts';

const HEADINGS: Readonly<Record<CommandGroup, string>> = {
  start: 'Start',
  data: 'Track data',
  pipeline: 'Run the pipeline',
  compare: 'Compare',
  share: 'Share',
  training: 'Train without code',
  tool: 'This tool',
};

const GLOBAL_FLAGS = GLOBAL_OPTIONS.map(([flags]) => flags.replace(/^-\w, | .*$/g, '')).join(' ');

/** The help for what a command line names. */
export async function helpFor(found: Found, commands: readonly CommandEntry[], style: Style): Promise<string> {
  if (found.type === 'command') return commandHelp(found.entry, await found.entry.load(), style);
  return found.type === 'group' ? groupHelp(found.name, commands, style) : mainHelp(commands, style);
}

/** `mlops --help`: every command, by what it is for. */
function mainHelp(commands: readonly CommandEntry[], style: Style): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const groups = Object.entries(HEADINGS).map(([group, heading]) => {
    const rows = commands.filter((entry) => entry.group === group);
    return section(
      heading,
      rows.map(({ name, summary }) => [name, summary]),
      style,
      width,
    );
  });
  return [
    'mlops: data, pipelines, models and metrics, versioned in Git.',
    `${style.dim('Usage:')} mlops <command> [options]`,
    ...groups.filter((text) => text !== ''),
    optionSection('Options of every command', [...GLOBAL_OPTIONS, ['--version', 'the version']], style),
    [
      'Every command explains itself: mlops <command> --help. Exit codes: mlops help exit-codes. New here? mlops demo',
      'From DVC: the commands have the same names; dvc.yaml and .dvc/config are .mlops.yaml here,',
      'and dvc.lock and all *.dvc files are .mlops.lock.yaml.',
    ].join('\n'),
  ].join('\n\n');
}

/** `mlops metrics`: the commands that begin with a word. */
function groupHelp(word: string, commands: readonly CommandEntry[], style: Style): string {
  const rows = commands.filter(({ name }) => name.startsWith(`${word} `));
  return [
    `${style.dim('Usage:')} mlops ${word} <command> [options]`,
    section(
      'Commands',
      rows.map(({ name, summary }) => [name, summary]),
      style,
    ),
    `Every command explains itself: mlops ${rows[0]?.name ?? word} --help`,
  ].join('\n\n');
}

/** `mlops push --help`: what one command does, takes and looks like in use. */
function commandHelp({ summary }: CommandEntry, command: Command, style: Style): string {
  const { name, description, args, options = [], examples } = command;
  return [
    summary,
    ...(description === undefined ? [] : [description]),
    `${style.dim('Usage:')} ${['mlops', name, args, options.length > 0 ? '[options]' : ''].filter(Boolean).join(' ')}`,
    optionSection('Options', options, style),
    `${style.dim('Options of every command:')} ${GLOBAL_FLAGS} (mlops --help)`,
    [style.dim('Examples'), ...examples.map((line) => `  ${line}`)].join('\n'),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function optionSection(heading: string, options: readonly OptionSpec[], style: Style): string {
  // Long flags stand below each other, whether or not they have a short one.
  const rows = options.map(([flags, help]) => [flags.startsWith('--') ? `    ${flags}` : flags, help] as const);
  return section(heading, rows, style);
}

function section(heading: string, rows: readonly (readonly [string, string])[], style: Style, least = 0): string {
  if (rows.length === 0) return '';
  const width = Math.max(least, ...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => {
    const room = Math.max(30, style.columns - width - 4);
    const [first = '', ...more] = wrap(right, room);
    return [`  ${left.padEnd(width)}  ${first}`, ...more.map((line) => `${' '.repeat(width + 4)}${line}`)].join('\n');
  });
  return [style.dim(heading), ...lines].join('\n');
}

function wrap(text: string, room: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
