import { isList, isMap, type Value, type ValueMap } from '../value.ts';
import type { BuiltIn } from './index.ts';
import type { ResolvedBackend } from './parts.ts';

/**
 * The arithmetic that weights depend on: TensorFlow.js, our kernels for it, and our own random numbers, initialisers and
 * shuffle. A change that moves a bit of any result changes this text, and makes trained stages stale.
 */
export const ENGINE = 'tfjs-4.22.0 kernels-1 random-1';

/** What the lockfile records of a built-in stage: the settings with their backend settled, and the engine's version. */
export function resolveSettings(kind: BuiltIn, settings: ValueMap): ValueMap {
  return { ...settings, backend: resolveBackend(kind, settings), engine: ENGINE };
}

/** `auto` becomes `cpu` for a network of a few narrow layers, where calls cost more than sums, and else `wasm`. */
export function resolveBackend(kind: BuiltIn, settings: ValueMap): ResolvedBackend {
  const asked = settings['backend'];
  if (asked === 'cpu' || asked === 'wasm' || asked === 'tensorflow') return asked;
  return kind === 'train' && isTiny(settings['model']) ? 'cpu' : 'wasm';
}

function isTiny(model: Value | undefined): boolean {
  if (!isMap(model) || model['type'] !== 'mlp') return false;
  const hidden = model['hidden'];
  const widths = isList(hidden) ? hidden.filter((width) => typeof width === 'bigint') : [];
  return widths.reduce((sum, width) => sum + width, 0n) <= 64n;
}
