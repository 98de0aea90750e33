import { groupBy } from '../../core/group-by.ts';
import type { Plot, Point } from '../../features/metrics/plots/collect.ts';
import { formatValue } from './format.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

const ROWS = 12;

const MARKS = ['•', '+', 'x', 'o', '*', '#'];

/** A plot in characters: lines as braille dots, a mark for each line; what is not numbers as a table of counts or values. */
export function renderPlot(plot: Plot, style: Style): string {
  const lines = [...groupBy(plot.points, (point) => lineName(plot, point))];
  const isCounted = plot.template.startsWith('confusion');
  const isNumeric = !isCounted && plot.points.every(({ x, y }) => typeof x === 'number' && typeof y === 'number');
  const body = isNumeric ? chart(lines, Math.max(20, Math.min(style.columns, 100) - 14), style) : counts(plot, style);
  return [plot.title, ...body, ''].join('\n');
}

function lineName({ y }: Plot, { rev, series }: Point): string {
  return y.length > 1 ? `${rev} ${series}` : rev;
}

function chart(lines: readonly (readonly [string, readonly Point[]])[], width: number, style: Style): string[] {
  const all = lines.flatMap(([, points]) => points);
  const [left, right] = rangeOf(all.map(({ x }) => Number(x)));
  const [low, high] = rangeOf(all.map(({ y }) => Number(y)));
  const canvas = new Canvas(width, ROWS);
  for (const [at, [, points]] of lines.entries()) {
    let last: [number, number] | null = null;
    for (const { x, y } of points.toSorted((a, b) => Number(a.x) - Number(b.x))) {
      const to: [number, number] = [share(Number(x), left, right), 1 - share(Number(y), low, high)];
      canvas.line(last ?? to, to, at);
      last = to;
    }
  }
  const label = (at: number) => (at === 0 ? formatValue(high, 4) : at === ROWS - 1 ? formatValue(low, 4) : '');
  const legend = lines.map(([name], at) => `${MARKS[at % MARKS.length]} ${name}`).join('   ');
  return [
    ...canvas.rows().map((row, at) => `${style.dim(label(at).padStart(10))} ${row}`),
    `${' '.repeat(11)}${style.dim(`${formatValue(left, 4)}${formatValue(right, 4).padStart(width - formatValue(left, 4).length)}`)}`,
    ...(lines.length > 1 ? [`${' '.repeat(11)}${legend}`] : []),
  ];
}

/** Braille cells of two by four dots; where lines of different owners meet in one cell, the marks of the later one stand. */
class Canvas {
  readonly #width: number;
  readonly #height: number;
  readonly #dots: Uint8Array;
  readonly #owners: Int16Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#dots = new Uint8Array(width * height);
    this.#owners = new Int16Array(width * height).fill(-1);
  }

  /** From and to as shares of the width and height. */
  line([fromX, fromY]: readonly [number, number], [toX, toY]: readonly [number, number], owner: number): void {
    const [w, h] = [this.#width * 2 - 1, this.#height * 4 - 1];
    const steps = Math.max(1, Math.ceil(Math.abs(toX - fromX) * w), Math.ceil(Math.abs(toY - fromY) * h));
    for (let step = 0; step <= steps; step++) {
      const x = Math.round((fromX + ((toX - fromX) * step) / steps) * w);
      const y = Math.round((fromY + ((toY - fromY) * step) / steps) * h);
      this.#set(x, y, owner);
    }
  }

  rows(): string[] {
    const owners = new Set(this.#owners.filter((owner) => owner >= 0)).size;
    return Array.from({ length: this.#height }, (_, row) =>
      Array.from({ length: this.#width }, (_, column) => {
        const at = row * this.#width + column;
        const owner = this.#owners[at] ?? -1;
        if (owner < 0) return ' ';
        return owners > 1 ? (MARKS[owner % MARKS.length] ?? '•') : String.fromCodePoint(0x2800 + (this.#dots[at] ?? 0));
      })
        .join('')
        .trimEnd(),
    );
  }

  #set(x: number, y: number, owner: number): void {
    const at = Math.floor(y / 4) * this.#width + Math.floor(x / 2);
    const bit = [
      [0x01, 0x08],
      [0x02, 0x10],
      [0x04, 0x20],
      [0x40, 0x80],
    ][y % 4]?.[x % 2];
    this.#dots[at] = (this.#dots[at] ?? 0) | (bit ?? 0);
    this.#owners[at] = owner;
  }
}

function rangeOf(values: readonly number[]): [number, number] {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return low === high ? [low - 1, high + 1] : [low, high];
}

function share(value: number, low: number, high: number): number {
  return (value - low) / (high - low);
}

/** How often each pair occurs, of each revision. */
function counts({ points, x, y }: Plot, style: Style): string[] {
  return [...groupBy(points, ({ rev }) => rev)].map(([rev, own]) => {
    const up = [...new Set(own.map((point) => String(point.x)))].toSorted();
    const across = [...new Set(own.map((point) => String(point.y)))].toSorted();
    const count = (a: string, b: string) =>
      own.filter((point) => String(point.x) === a && String(point.y) === b).length;
    const rows = up.map((a) => [a, ...across.map((b) => String(count(a, b)))]);
    return renderTable([`${rev}: ${x} \\ ${y[0] ?? ''}`, ...across], rows, style);
  });
}
