import { foldCell, plainText, widthOf } from './fold.ts';
import type { Style } from './style.ts';

/** Rows below a dim heading, in columns two spaces apart; no frame. Columns of numbers stand to the right; where a terminal is too narrow, words go on below. */
export function renderTable(heading: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const isNumeric = heading.map(
    (_, at) => rows.length > 0 && rows.every((row) => NUMBER.test(plainText(row[at] ?? ''))),
  );
  const widths = fitWidths(
    heading.map((title, at) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at] ?? '')))),
    isNumeric,
    style.room,
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => {
        const room = ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell)));
        return isNumeric[at] ? room + cell : cell + room;
      })
      .join('  ')
      .trimEnd();
  const linesOf = (row: readonly string[]) => {
    const cells = row.map((cell, at) => foldCell(cell, widths[at] ?? 0));
    const height = Math.max(1, ...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, down) => line(cells.map((cell) => cell[down] ?? '')));
  };
  return [style.dim(line(heading)), ...rows.flatMap(linesOf)].join('\n');
}

/** Rows as comma-separated values, quoted where they must be. */
export function renderCsv(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [heading, ...rows].map((row) => row.map(cell).join(',')).join('\n');
}

const NUMBER = /^([+-]?[\d.,]+(e[+-]?\d+)?%?|-)$/;
const LEAST = 10;

/** The widest columns of words give way until the table fits, as far as words stay words. */
function fitWidths(widths: readonly number[], isNumeric: readonly boolean[], room: number): number[] {
  const fitted = [...widths];
  for (;;) {
    const over = fitted.reduce((sum, width) => sum + width, 2 * (fitted.length - 1)) - room;
    const widest = Math.max(...fitted.filter((_, at) => isNumeric[at] !== true));
    if (!(over > 0) || widest <= LEAST) return fitted;
    const at = fitted.findIndex((width, column) => width === widest && isNumeric[column] !== true);
    fitted[at] = widest - 1;
  }
}
