import { MlopsError } from '../../../core/errors.ts';

/** Where a field lies in the bytes, without its quotes. `quoted`: doubled quotes inside stand for one. */
export interface FieldSink {
  field(column: number, start: number, end: number, quoted: boolean): void;
  /** A row is complete. Lines count from 1, the header's is 1. */
  row(fields: number, line: number): void;
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** Walks the fields of delimited text from an offset to the end: quotes, doubled quotes, CRLF, line breaks in quotes, blank lines. */
export function scanFields(
  bytes: Uint8Array,
  format: { delimiter: number; file: string },
  sink: FieldSink,
  limit = Infinity,
): void {
  const { delimiter, file } = format;
  const length = bytes.length;
  let at = startOf(bytes);
  let line = 1;
  for (let rows = 0; at < length && rows < limit;) {
    const rowLine = line;
    let column = 0;
    for (;;) {
      let end: number;
      if (bytes[at] === QUOTE) {
        const start = ++at;
        const openedOn = line;
        let doubled = false;
        for (;;) {
          if (at >= length) throw unclosed(file, openedOn);
          if (bytes[at] === QUOTE) {
            if (bytes[at + 1] !== QUOTE) break;
            doubled = true;
            at++;
          } else if (bytes[at] === LF) line++;
          at++;
        }
        end = at++;
        const next = bytes[at];
        if (at < length && next !== delimiter && next !== LF && next !== CR) throw afterQuote(file, line);
        sink.field(column++, start, end, doubled);
      } else {
        const start = at;
        while (at < length && bytes[at] !== delimiter && bytes[at] !== LF) at++;
        end = at > start && bytes[at - 1] === CR && bytes[at] !== delimiter ? at - 1 : at;
        const isBlankLine = column === 0 && end === start && bytes[at] !== delimiter;
        if (!isBlankLine) sink.field(column++, start, end, false);
      }
      if (bytes[at] === CR) at++;
      if (at >= length || bytes[at] !== delimiter) break;
      at++;
    }
    at++;
    line++;
    if (column === 0) continue;
    sink.row(column, rowLine);
    rows++;
  }
}

/** After a byte order mark, if there is one. */
function startOf(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function unclosed(file: string, line: number): MlopsError {
  return new MlopsError('invalid-data', `${file}, line ${line}: a quote is opened and never closed.`, {
    hint: 'A quote inside a quoted field is written twice: "".',
  });
}

function afterQuote(file: string, line: number): MlopsError {
  return new MlopsError('invalid-data', `${file}, line ${line}: there is text after a closing quote.`, {
    hint: 'A quote inside a quoted field is written twice: "".',
  });
}
