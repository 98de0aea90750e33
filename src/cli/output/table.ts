import type { Style } from './style.ts';

/** Rows below a dim heading, in columns two spaces apart; no frame. Columns of numbers stand to the right. */
export function renderTable(heading: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const widths = heading.map((title, at) => Math.max(width(title), ...rows.map((row) => width(row[at] ?? ''))));
  const isNumeric = heading.map((_, at) => rows.length > 0 && rows.every((row) => NUMBER.test(plain(row[at] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => {
        const room = ' '.repeat(Math.max(0, (widths[at] ?? 0) - width(cell)));
        return isNumeric[at] ? room + cell : cell + room;
      })
      .join('  ')
      .trimEnd();
  return [style.dim(line(heading)), ...rows.map(line)].join('\n');
}

/** Rows as comma-separated values, quoted where they must be. */
export function renderCsv(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [heading, ...rows].map((row) => row.map(cell).join(',')).join('\n');
}

const NUMBER = /^([+-]?[\d.,]+(e[+-]?\d+)?%?|-)$/;
// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001b\[[\d;]*m/g;

function plain(text: string): string {
  return text.replace(COLOUR, '');
}

function width(text: string): number {
  return [...plain(text)].length;
}
