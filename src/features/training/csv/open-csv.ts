import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { MlopsError, systemCode } from '../../../core/errors.ts';
import { scanFields } from './scan.ts';
import type { CsvSource } from './survey.ts';

const DELIMITERS = [0x2c, 0x3b, 0x09] as const;
const QUOTE = 0x22;
const LF = 0x0a;

/** Reads the bytes of a delimited file and its header. The delimiter is the one of `,` `;` and tab that the header has most of. */
export function openCsv(path: string, file: string): CsvSource {
  const bytes = readBytes(path, file);
  if (!isUtf8(bytes)) {
    throw new MlopsError('invalid-data', `${file} is not UTF-8 text.`, { hint: `iconv -f latin1 -t utf-8 ${file}` });
  }
  const delimiter = delimiterOf(bytes);
  return { bytes, delimiter, file, header: readHeader(bytes, delimiter, file) };
}

function readBytes(path: string, file: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') {
      throw new MlopsError('data-missing', `${file} does not exist.`, { hint: `mlops pull ${file}`, cause: error });
    }
    throw new MlopsError('file-system', `${file} cannot be read (${code ?? String(error)}).`, { cause: error });
  }
}

function readHeader(bytes: Buffer, delimiter: number, file: string): string[] {
  const header: string[] = [];
  const sink = {
    field: (_: number, start: number, end: number, quoted: boolean) => {
      const text = bytes.toString('utf8', start, end);
      header.push(quoted ? text.replaceAll('""', '"') : text.trim());
    },
    row: () => undefined,
  };
  scanFields(bytes, { delimiter, file }, sink, 1);
  if (header.length === 0)
    throw new MlopsError('invalid-data', `${file} is empty; its first line has to name the columns.`);
  const empty = header.indexOf('');
  if (empty >= 0) throw new MlopsError('invalid-data', `${file}: column ${empty + 1} has no name in the header.`);
  const twice = header.find((name, at) => header.indexOf(name) !== at);
  if (twice !== undefined) throw new MlopsError('invalid-data', `${file} has two columns named "${twice}".`);
  return header;
}

function delimiterOf(bytes: Buffer): number {
  const counts = DELIMITERS.map(() => 0);
  let quoted = false;
  for (const byte of bytes) {
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === LF && !quoted) break;
    const at = DELIMITERS.findIndex((delimiter) => delimiter === byte);
    if (at >= 0 && !quoted) counts[at] = (counts[at] ?? 0) + 1;
  }
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? DELIMITERS[0];
}
