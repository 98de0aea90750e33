import { join, relative } from 'node:path';

/** What colour may mean. Nothing depends on it: the same text stands there without. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  /** A path of the project as a person in the current folder would type it. */
  readonly path: (path: string) => string;
  /** Characters in a line. */
  readonly columns: number;
}

/** No colours at all. */
export function plainStyle(columns = 100): Style {
  return { good: same, bad: same, dim: same, path: same, columns };
}

/** The style of one stream. The package for colours is loaded only when there are any. */
export async function createStyle(isColored: boolean, columns: number): Promise<Style> {
  if (!isColored) return plainStyle(columns);
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return { good: chalk.green, bad: chalk.red, dim: chalk.dim, path: same, columns };
}

/** The same style in a folder: paths of the project are shown from there. */
export function styleIn(style: Style, root: string, cwd: string): Style {
  return root === cwd ? style : { ...style, path: (path) => relative(cwd, join(root, path)) || '.' };
}

function same(text: string): string {
  return text;
}
