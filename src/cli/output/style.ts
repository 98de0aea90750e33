import { join, relative } from 'node:path';

/** What colour may mean. Nothing depends on it: the same text stands there without. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  /** A path of the project as a person in the current folder would type it, on one line whatever its name holds. */
  readonly path: (path: string) => string;
  /** Characters in a line. */
  readonly columns: number;
}

/** No colours at all. */
export function plainStyle(columns = 100): Style {
  return { good: same, bad: same, dim: same, path: onOneLine, columns };
}

/** The style of one stream. The package for colours is loaded only when there are any. */
export async function createStyle(isColored: boolean, columns: number): Promise<Style> {
  if (!isColored) return plainStyle(columns);
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return { good: chalk.green, bad: chalk.red, dim: chalk.dim, path: onOneLine, columns };
}

/** The same style in a folder: paths of the project are shown from there. */
export function styleIn(style: Style, root: string, cwd: string): Style {
  return root === cwd ? style : { ...style, path: (path) => onOneLine(relative(cwd, join(root, path)) || '.') };
}

/** Control characters as one would escape them, line breaks aside: a name may hold words for the terminal. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, (control) => {
    const known = { '\r': '\\r', '\t': '\\t' }[control];
    return known ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function onOneLine(text: string): string {
  return harmless(text).replaceAll('\n', '\\n');
}

function same(text: string): string {
  return text;
}
