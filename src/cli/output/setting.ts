import type { Json } from '../../core/value.ts';

/** A setting's value as a person would type it: lists with commas. */
export function settingText(value: Json): string {
  if (Array.isArray(value)) return value.map(settingText).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
