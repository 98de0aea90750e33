// Twelve digits are more than any measure means, and hide the last bits, in which exp and log may differ between machines.
const DIGITS = 12;

/** A measure as it is written into files. */
export function roundMeasure(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : value;
}
