import { parseParams } from '../../../stores/documents/params-file.ts';
import { type MetricsFormat, numbersIn } from './format.ts';

/** YAML, the numbers of all its mappings and lists. */
export const yamlFormat: MetricsFormat = {
  extensions: ['.yaml', '.yml'],
  parse: (bytes, file) => numbersIn(parseParams(bytes, file)),
};

/** TOML, likewise. */
export const tomlFormat: MetricsFormat = {
  extensions: ['.toml'],
  parse: (bytes, file) => numbersIn(parseParams(bytes, file)),
};
