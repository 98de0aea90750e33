import { isMap, type Value, type ValueMap } from '../value.ts';

/** Settings with their `${…}` replaced, the dotted names of the params that were used, and of those that do not exist. */
export interface FilledParams {
  readonly filled: ValueMap;
  readonly used: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Replaces `${a.b[0]}` in every text of a mapping. A text that is nothing else keeps the param's type; `${x:-default}`
 * stands in for a param that is not there; `\${` is a plain `${`.
 */
export function fillParams(raw: ValueMap, params: ValueMap): FilledParams {
  const used = new Set<string>();
  const missing = new Set<string>();

  function find(name: string, fallback: string | undefined): Value | undefined {
    const value = lookUp(params, name);
    if (value !== undefined) used.add(name);
    else if (fallback === undefined) missing.add(name);
    return value ?? (value === null ? null : fallback);
  }

  function fillText(text: string): Value {
    const whole = WHOLE.exec(text);
    if (whole?.[1] !== undefined) return find(whole[1], whole[2]) ?? text;
    return text.replace(
      WITHIN,
      (match: string, escaped: string, name: string | undefined, fallback: string | undefined) => {
        if (escaped !== '' || name === undefined) return match.slice(1);
        const value = find(name, fallback);
        return value === undefined ? match : String(value);
      },
    );
  }

  function fill(value: Value): Value {
    if (typeof value === 'string') return fillText(value);
    if (isMap(value)) return fillMap(value);
    return Array.isArray(value) ? value.map(fill) : value;
  }

  function fillMap(map: ValueMap): ValueMap {
    return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, fill(value)]));
  }

  return { filled: fillMap(raw), used: [...used].sort(), missing: [...missing].sort() };
}

const WHOLE = /^\$\{\s*([^}:\s]+)\s*(?::-([^}]*))?\}$/;
const WITHIN = /(\\?)\$\{\s*([^}:\s]+)\s*(?::-([^}]*))?\}/g;

/** The value under a dotted name; `a.b[0]` and `a.b.0` are the same. */
function lookUp(params: ValueMap, name: string): Value | undefined {
  let value: Value | undefined = params;
  for (const key of name.replaceAll(/\[(\d+)\]/g, '.$1').split('.')) {
    if (Array.isArray(value)) value = /^\d+$/.test(key) ? (value as readonly Value[])[Number(key)] : undefined;
    else value = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
