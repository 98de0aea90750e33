import { invalidFile, type MlopsError } from '../../../core/errors.ts';
import type { Json } from '../../../core/value.ts';
import type { Metrics } from '../../../core/metrics.ts';
import type { MetricsFormat } from './format.ts';

// Python writes these, though JSON has no words for them.
const NOT_FINITE = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;
const MARK = 'not finite: ';

/** JSON, with `NaN` and `Infinity` as Python writes them. */
export const jsonFormat: MetricsFormat = {
  extensions: ['.json'],
  parse(bytes, file) {
    const text = Buffer.from(bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, '');
    const marked = text.replace(NOT_FINITE, (found) => (found.startsWith('"') ? found : JSON.stringify(MARK + found)));
    try {
      return numbersOf(JSON.parse(marked) as Json);
    } catch (error) {
      throw notJson(marked, error, file);
    }
  },
};

function notJson(text: string, error: unknown, file: string): MlopsError {
  const said = error instanceof Error ? error.message : '';
  const at = /at position (\d+)/.exec(said)?.[1];
  const before = text.slice(0, at === undefined ? text.length : Number(at)).split('\n');
  const why = said.replace(/ in JSON at position.*$/s, '').replace(/, "[^]*$/, '');
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return invalidFile([{ file, ...place, message: `This is not JSON: ${why}.` }]);
}

function numbersOf(json: Json): Metrics {
  const numbers: Record<string, number> = Object.create(null) as Record<string, number>;
  const visit = (value: Json, name: string): void => {
    if (typeof value === 'number') numbers[name] = value;
    else if (typeof value === 'string' && value.startsWith(MARK)) numbers[name] = Number(value.slice(MARK.length));
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) visit(item, name === '' ? key : `${name}.${key}`);
    }
  };
  visit(json, '');
  return numbers;
}
