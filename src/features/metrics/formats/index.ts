import { posix } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { Metrics } from '../../../core/metrics.ts';
import { csvFormat } from './csv.ts';
import type { MetricsFormat } from './format.ts';
import { jsonFormat } from './json.ts';
import { tomlFormat, yamlFormat } from './yaml.ts';

/** Every format of metrics files. To add one, write its file and name it here. */
const formats: readonly MetricsFormat[] = [jsonFormat, yamlFormat, tomlFormat, csvFormat];

/** The named numbers of a file, read by the ending of its name. */
export function parseMetrics(bytes: Uint8Array, file: string): Metrics {
  const extension = posix.extname(file).toLowerCase();
  const format = formats.find(({ extensions }) => extensions.includes(extension));
  if (format !== undefined) return format.parse(bytes, file);
  const known = formats.flatMap(({ extensions }) => extensions).join(', ');
  throw new MlopsError('invalid-file', `${file} is no file of metrics: its name ends in none of ${known}.`);
}
