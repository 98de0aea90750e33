import { encodeValue, isList, isMap, type Value, type ValueMap } from '../../core/value.ts';
import { shellWord } from '../../core/shell-word.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Decoder } from './decode.ts';
import { nodeOf, type YamlNode } from './yaml-node.ts';

const WHOLE = /^\$\{([^{}]*)\}$/;
const EACH = /(\\?)\$\{([^{}]*)\}/g;
const NAME = /^[^\s:{}]+$/;

/**
 * Replaces `${a.b[0]}` in all texts below a node, keys included, by what it stands for. A text that is nothing but one
 * `${…}` keeps the value's type, `${x:-default}` needs no value, and `\${` is a plain `${`. What has no value is a mistake.
 * The names that had one are added to `used`; mistakes say which field of which stage they are in.
 */
export function interpolate(
  node: YamlNode,
  values: ValueMap,
  decoder: Decoder,
  { stage, used }: { readonly stage: string; readonly used?: Set<string> },
): YamlNode {
  let field = '';

  function fillAll(): YamlNode {
    if (node.type !== 'map') return fill(node, false);
    const fields = node.fields.map(({ key, at, value }) => {
      field = key;
      return { key: fillText(key, at, false), at, value: fill(value, key === 'cmd') };
    });
    return { ...node, fields };
  }

  function where(): string {
    return field === '' ? `in the stage "${stage}"` : `in "${field}" of the stage "${stage}"`;
  }

  function fill(each: YamlNode, command: boolean): YamlNode {
    if (each.type === 'list') return { ...each, items: each.items.map((item) => fill(item, command)) };
    if (each.type === 'map') {
      const fields = each.fields.map(({ key, at, value }) => ({
        key: fillText(key, at, false),
        at,
        value: fill(value, command || key === 'cmd'),
      }));
      return { ...each, fields };
    }
    if (typeof each.value !== 'string' || !each.value.includes('${')) return each;
    const whole = WHOLE.exec(each.value)?.[1];
    if (whole === undefined || command) return { ...each, value: fillText(each.value, each.at, command) };
    const value = find(whole, each.at);
    return value === undefined ? each : nodeOf(value, each.at);
  }

  function fillText(text: string, at: number, command: boolean): string {
    if (!text.includes('${')) return text;
    return text.replace(EACH, (match: string, escaped: string, inside: string) => {
      if (escaped !== '') return match.slice(1);
      const value = find(inside, at);
      if (value === undefined) return match;
      if (typeof value !== 'object' || value === null) return textOf(value);
      if (command && isMap(value)) return flagsOf(value).join(' ');
      decoder.problem(
        at,
        `${match} stands for ${isMap(value) ? 'a mapping' : 'a list'}, which has no place in a text, ${where()}.`,
      );
      return match;
    });
  }

  function find(inside: string, at: number): Value | undefined {
    const [name = '', ...rest] = inside.split(':-');
    const value = lookUp(values, name.trim());
    if (value !== undefined) {
      used?.add(name.trim());
      return value;
    }
    if (rest.length > 0) return rest.join(':-');
    const hint = NAME.test(name.trim()) ? didYouMean(name.trim(), namesIn(values)) : '.';
    return decoder.problem(
      at,
      `Nothing says what \${${inside}} is, ${where()}${hint} A "$" that the shell is to see is written \\\${…}.`,
    );
  }

  return fillAll();
}

/** The value under a dotted name; `a.b[0]` and `a.b.0` are the same. A key that holds dots itself is found as well. */
export function lookUp(values: ValueMap, name: string): Value | undefined {
  if (Object.hasOwn(values, name)) return values[name];
  let value: Value | undefined = values;
  for (const key of name.replaceAll(/\[(\d+)\]/g, '.$1').split('.')) {
    if (isList(value)) value = /^\d+$/.test(key) ? value[Number(key)] : undefined;
    else value = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** All dotted names below a mapping, of mappings and of values. */
export function namesIn(values: ValueMap, prefix = ''): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    return isMap(value) ? [name, ...namesIn(value, `${name}.`)] : [name];
  });
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : encodeValue(value);
}

/** `{ lr: 0.1, deep: true }` as arguments of a command: `--lr 0.1 --deep`. */
function flagsOf(map: ValueMap, prefix = ''): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    if (isMap(value)) return flagsOf(value, `${name}.`);
    if (value === false || value === null) return [];
    if (value === true) return [`--${name}`];
    const words: readonly Value[] = isList(value) ? value : [value];
    return [`--${name} ${words.map((word) => shellWord(textOf(word))).join(' ')}`];
  });
}
