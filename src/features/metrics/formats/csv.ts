import { invalidFile } from '../../../core/errors.ts';
import type { MetricsFormat } from './format.ts';

/** A table with a header, such as a log of epochs: the numbers of its last row. */
export const csvFormat: MetricsFormat = {
  extensions: ['.csv', '.tsv'],
  parse(bytes, file) {
    const text = Buffer.from(bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, '');
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    const separator = file.toLowerCase().endsWith('.tsv') ? '\t' : ',';
    const [header, ...rows] = lines.map((line) => cellsOf(line, separator));
    const last = rows.at(-1);
    const numbers = Object.create(null) as Record<string, number>;
    if (header === undefined || last === undefined) return numbers;
    if (last.length !== header.length) {
      const message = `This row has ${last.length} fields, and the header ${header.length}.`;
      throw invalidFile([{ file, line: text.trimEnd().split('\n').length, column: 1, message }]);
    }
    for (const [at, name] of header.entries()) {
      const number = toNumber(last[at] ?? '');
      if (number !== undefined) numbers[name.trim()] = number;
    }
    return numbers;
  },
};

function cellsOf(line: string, separator: string): string[] {
  const cells = line.match(
    separator === '\t' ? /(?:^|\t)(?:"(?:[^"]|"")*"|[^\t]*)/g : /(?:^|,)(?:"(?:[^"]|"")*"|[^,]*)/g,
  );
  return (cells ?? []).map((cell, at) => {
    const text = at > 0 || cell.startsWith(separator) ? cell.slice(1) : cell;
    return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
  });
}

function toNumber(cell: string): number | undefined {
  const text = cell.trim();
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return undefined;
}
