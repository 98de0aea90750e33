import { invalidFile } from '../../../core/errors.ts';
import type { Json } from '../../../core/value.ts';
import type { Metrics } from '../../../core/metrics.ts';
import { parseParams } from '../../../stores/documents/params-file.ts';
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
    } catch {
      // JSON.parse knows no lines. The reader of YAML, which JSON is a part of, tells the place.
      parseParams(bytes, file);
      throw invalidFile([{ file, line: null, column: null, message: 'This is not JSON.' }]);
    }
  },
};

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
