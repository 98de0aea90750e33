import { MlopsError } from '../core/errors.ts';

// Texts of options → values. What they throw is a sentence about the text; the option's name is put before it.

/** A whole number above zero. */
export function parseCount(text: string): number {
  return wholeNumber(text, 1);
}

/** A whole number, zero included. */
export function parseIndex(text: string): number {
  return wholeNumber(text, 0);
}

/** Milliseconds of `250ms`, `10s`, `5m`, `2h`, `1d`; a plain number is seconds. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  if (amount === undefined) throw wrong(text, 'is not a time such as 30s, 5m or 2h');
  const factor = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? 's'] ?? 1_000;
  return Number(amount) * factor;
}

/** One of a few words. */
export function parseChoice(...words: readonly string[]): (text: string) => string {
  return (text) => {
    if (words.includes(text)) return text;
    throw wrong(text, `is not one of ${words.join(', ')}`);
  };
}

/** A finite number. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw wrong(text, 'is not a number');
  return value;
}

function wholeNumber(text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && Number.isSafeInteger(value)) return value;
  throw wrong(text, least === 0 ? 'is not a whole number' : 'is not a whole number above zero');
}

function wrong(text: string, what: string): MlopsError {
  return new MlopsError('usage', `"${text}" ${what}`);
}

/** `-S name=value`, gathered as often as it is given. */
export function collectAssignment(text: string, previous?: unknown): readonly { name: string; value: string }[] {
  const at = text.indexOf('=');
  if (at < 1) throw wrong(text, 'is not name=value');
  const earlier = Array.isArray(previous) ? (previous as { name: string; value: string }[]) : [];
  return [...earlier, { name: text.slice(0, at), value: text.slice(at + 1) }];
}

/** Texts of an option that may be given several times. */
export function collectText(text: string, previous?: unknown): readonly string[] {
  return [...(Array.isArray(previous) ? (previous as string[]) : []), text];
}

/** A day or a moment (`2026-11-01`, `2026-11-01T12:00Z`) as an ISO date. */
export function parseDate(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw wrong(text, 'is not a date such as 2026-11-01');
  return new Date(time).toISOString();
}
