import { join, relative } from 'node:path';
import { shellWord } from '../../core/shell-word.ts';
import { foldSentence } from './fold.ts';

/** What colour may mean. Nothing depends on it: the same text stands there without. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  /** A path of the project as seen from the current folder, on one line whatever its name holds: quoted as Git does. */
  readonly path: (path: string) => string;
  /** The same as one would type it in a shell. */
  readonly word: (path: string) => string;
  /** A sentence broken between words where a terminal is too narrow for it. */
  readonly fold: (text: string, indent?: number) => string;
  /** Characters in a line. */
  readonly columns: number;
  /** The same on a terminal; elsewhere a line may be of any length. */
  readonly room: number;
}

/** No colours at all. */
export function plainStyle(columns = 100, room = Infinity): Style {
  const fold = (text: string, indent = 2) => foldSentence(text, room, indent);
  return { good: same, bad: same, dim: same, path: quoted, word: typed, fold, columns, room };
}

/** The style of one stream. The package for colours is loaded only when there are any. */
export async function createStyle(isColored: boolean, columns: number, isTerminal = false): Promise<Style> {
  const style = plainStyle(columns, isTerminal ? columns : Infinity);
  if (!isColored) return style;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return { ...style, good: chalk.green, bad: chalk.red, dim: chalk.dim };
}

/** The same style in a folder: paths of the project are shown from there. */
export function styleIn(style: Style, root: string, cwd: string): Style {
  if (root === cwd) return style;
  const from = (path: string) => relative(cwd, join(root, path)) || '.';
  return { ...style, path: (path) => quoted(from(path)), word: (path) => typed(from(path)) };
}

/** Control characters as one would escape them: a name may hold words for the terminal. */
export function harmless(text: string): string {
  // Line breaks of our own are followed by spaces.
  return text.replace(/\n(?! {2})|[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, (control) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[control];
    return known ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** As Git shows a name that would not stay on its line: in double quotes, with the escapes of C. */
function quoted(name: string): string {
  if (!/["\\\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(name)) return name;
  const inside = name.replace(/["\\\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const known = ESCAPES[character];
    if (known !== undefined) return known;
    return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  });
  return `"${inside}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** Behind `./` no name is taken for an option, nor for more than a name. */
function typed(path: string): string {
  return shellWord(/^[-:]/.test(path) ? `./${path}` : path);
}

function same(text: string): string {
  return text;
}
