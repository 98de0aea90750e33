/** Texts that stand for no value. */
const MISSING = new Set(['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None']);

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
const [SPACE, PLUS, MINUS, POINT, ZERO, NINE] = [0x20, 0x2b, 0x2d, 0x2e, 0x30, 0x39];
const [UPPER_N, LOWER_N] = [0x4e, 0x6e];

/** Whether a field holds no value. */
export function isMissing(bytes: Buffer, start: number, end: number): boolean {
  if (start === end) return true;
  const first = bytes[start] ?? 0;
  if (first !== UPPER_N && first !== LOWER_N && first !== SPACE) return false;
  return MISSING.has(bytes.toString('latin1', start, end).trim());
}

/** The number that a field spells, or undefined when it spells none. Spaces around it do not matter. */
export function parseNumber(bytes: Buffer, start: number, end: number): number | undefined {
  const value = parsePlain(bytes, start, end);
  if (value !== undefined) return value;
  const first = bytes[start] ?? 0;
  const mayBeNumber =
    first <= NINE && (first >= ZERO || first === SPACE || first === PLUS || first === MINUS || first === POINT);
  return mayBeNumber ? parseAny(bytes.toString('latin1', start, end).trim()) : undefined;
}

/** Up to 15 digits with a point, read in place; the quotient of two exact numbers is rounded as the text itself would be. */
function parsePlain(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start;
  while (bytes[at] === SPACE && at < end) at++;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at++;
  if (at >= end || end - at > 16) return undefined;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (byte === POINT && decimals < 0) decimals = 0;
    else return undefined;
  }
  if (digits === 0 || digits > 15) return undefined;
  const value = decimals > 0 ? mantissa / (POWERS[decimals] ?? 1) : mantissa;
  return isNegative ? -value : value;
}

function parseAny(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
