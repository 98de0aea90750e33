import type { World } from '../command.ts';
import type { Look } from '../global-options.ts';
import { foldLine } from './fold.ts';
import { createStyle, type Style } from './style.ts';

/** The only way out: stdout is the result, stderr is everything else. */
export interface Terminal {
  /** Prints a text and ends its line; an empty text prints nothing. */
  readonly result: (text: string) => void;
  readonly note: (text: string) => void;
  readonly outStyle: Style;
  readonly errStyle: Style;
}

/** The terminal of a world, with colours as asked for. */
export async function createTerminal(world: World, { outColor, errColor, json }: Look): Promise<Terminal> {
  return {
    result: (text) => write(world.out, world.outIsTerminal && !json ? fold(text, world.columns) : text),
    note: (text) => write(world.err, text),
    outStyle: await createStyle(outColor, world.columns, world.outIsTerminal),
    errStyle: await createStyle(errColor, world.columns, world.errIsTerminal),
  };
}

function fold(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => foldLine(line, columns))
    .join('\n');
}

function write(to: (text: string) => void, text: string): void {
  if (text !== '') to(text.endsWith('\n') ? text : `${text}\n`);
}
