import type { Weight } from '../../system/tfjs/network.ts';
import { createRandom } from './random.ts';

/** How weights start. Part of what makes them the same everywhere. */
export const INITIALISER = 'scaled uniform 1 (He before relu and elu, else Glorot), biases 0';

/**
 * Starting weights, made in plain JavaScript, since those of TensorFlow.js differ between its backends. Each weight draws
 * from a stream of its own name, so that adding a layer moves no other.
 */
export function initialWeights(weights: readonly Weight[], seed: bigint, activation: string): Float32Array[] {
  return weights.map(({ name, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const values = new Float32Array(size);
    if (shape.length < 2) return values;
    const limit = limitOf(shape, !name.startsWith('logits') && (activation === 'relu' || activation === 'elu'));
    const random = createRandom(seed, `weights/${name}`);
    for (let i = 0; i < size; i++) values[i] = (random() * 2 - 1) * limit;
    return values;
  });
}

function limitOf(shape: readonly number[], isHe: boolean): number {
  const field = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  const [fanIn, fanOut] = [field * (shape.at(-2) ?? 1), field * (shape.at(-1) ?? 1)];
  return Math.sqrt(6 / (isHe ? fanIn : fanIn + fanOut));
}
