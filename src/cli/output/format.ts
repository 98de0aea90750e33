import { toJson, type Value } from '../../core/value.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `340 B`, `1.2 MiB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < UNITS.length - 1) [amount, unit] = [amount / 1024, unit + 1];
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[unit]}`;
}

/** `12,345`. By hand, as the first number that `Intl` formats costs 20 ms. */
export function formatInteger(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `12,345 files`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatInteger(count)} ${count === 1 ? one : many}`;
}

/** `80 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A value of a params or metrics file; numbers that are not whole have at most so many significant digits. */
export function formatValue(value: unknown, precision = 5): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return JSON.stringify(value);
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(precision)));
}

/** One side of a comparison. A text that looks like something else is quoted; a float is told from an integer on the other side. */
export function formatSide(value: Value | undefined, other: Value | undefined, precision?: number): string {
  if (value === undefined) return '-';
  if (value === null) return 'null';
  if (typeof value === 'string') return LOOKS_LIKE_MORE.test(value) ? JSON.stringify(value) : value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'number') return formatValue(toJson(value), precision);
  const text = formatValue(value, precision);
  return typeof other === 'bigint' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

const LOOKS_LIKE_MORE = /^(-|~|null|true|false|[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?\.(inf|nan)|)$/i;

/** A difference with its sign: `+0.0123`. */
export function formatDelta(delta: number | null, precision = 5): string {
  if (delta === null) return '-';
  const text = formatValue(delta, precision);
  return delta > 0 ? `+${text}` : text;
}

/** The first lines of a long list, and how many more there are. */
export function formatList(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most), `… and ${formatInteger(lines.length - most)} more`];
}
