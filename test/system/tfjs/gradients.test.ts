import { describe, expect, test } from 'vitest';
import { loadLibrary } from '../../../src/system/tfjs/library.ts';
import type { Core } from '../../../src/system/tfjs/packages.ts';

type Shape = number[];
type Operation = (core: Core, inputs: ReturnType<Core['tensor']>[]) => ReturnType<Core['tensor']>;

/** An operation, and the shapes of the inputs whose gradients are compared. */
interface Case {
  readonly name: string;
  readonly inputs: readonly Shape[];
  readonly run: Operation;
}

const conv = (image: Shape, filter: Shape, strides: number, pad: 'same' | 'valid'): Case => ({
  name: `conv2d ${image.join('x')} by ${filter.join('x')}, strides ${strides}, ${pad}`,
  inputs: [image, filter],
  run: (core, [x, f]) => core.conv2d(x as never, f as never, strides, pad),
});
const depthwise = (image: Shape, filter: Shape, strides: number, pad: 'same' | 'valid'): Case => ({
  name: `depthwise conv2d ${image.join('x')} by ${filter.join('x')}, strides ${strides}, ${pad}`,
  inputs: [image, filter],
  run: (core, [x, f]) => core.depthwiseConv2d(x as never, f as never, strides, pad),
});
const pool = (
  kind: 'maxPool' | 'avgPool',
  image: Shape,
  size: number,
  strides: number,
  pad: 'same' | 'valid',
): Case => ({
  name: `${kind} ${image.join('x')} of ${size}, strides ${strides}, ${pad}`,
  inputs: [image],
  run: (core, [x]) => core[kind](x as never, size, strides, pad),
});
const matMul = (a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): Case => ({
  name: `matMul ${a.join('x')}${transposeA ? 'ᵀ' : ''} by ${b.join('x')}${transposeB ? 'ᵀ' : ''}`,
  inputs: [a, b],
  run: (core, [x, y]) => core.matMul(x as never, y as never, transposeA, transposeB),
});

const cases: readonly Case[] = [
  conv([2, 6, 5, 3], [3, 3, 3, 4], 1, 'same'),
  conv([2, 6, 5, 3], [3, 3, 3, 4], 1, 'valid'),
  conv([2, 7, 6, 2], [3, 3, 2, 3], 2, 'same'),
  conv([2, 7, 6, 2], [3, 2, 2, 3], 2, 'valid'),
  conv([1, 8, 8, 1], [5, 5, 1, 2], 3, 'same'),
  conv([3, 5, 5, 2], [1, 1, 2, 3], 1, 'same'),
  conv([2, 6, 6, 2], [2, 2, 2, 2], 1, 'same'),
  conv([1, 9, 4, 2], [4, 1, 2, 2], 2, 'same'),
  depthwise([2, 6, 6, 3], [3, 3, 3, 2], 1, 'same'),
  depthwise([2, 6, 6, 3], [3, 3, 3, 1], 2, 'valid'),
  pool('maxPool', [2, 6, 6, 2], 2, 2, 'valid'),
  pool('maxPool', [2, 5, 5, 3], 3, 2, 'same'),
  pool('maxPool', [2, 5, 4, 2], 2, 1, 'same'),
  pool('avgPool', [2, 6, 6, 2], 2, 2, 'valid'),
  pool('avgPool', [2, 5, 5, 3], 3, 2, 'same'),
  pool('avgPool', [1, 5, 4, 2], 2, 1, 'same'),
  matMul([4, 3], [3, 5], false, false),
  matMul([3, 4], [3, 5], true, false),
  matMul([4, 3], [5, 3], false, true),
  matMul([2, 3, 4], [2, 5, 3], true, true),
  {
    name: 'gather of rows, some of them twice',
    inputs: [[5, 3]],
    run: (core, [x]) => core.gather(x as never, core.tensor1d([4, 0, 4, 2], 'int32')),
  },
];

const { core } = await loadLibrary('wasm', process.cwd());

/** Values around zero without equals among neighbours, so that a maximum stays one when a value moves a little. */
function valuesFor(shape: Shape, salt: number): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  return Float32Array.from({ length: size }, (_, i) => (((i * 7919 + salt * 104729) % 997) / 997) * 2 - 1.6);
}

/** The gradients of the weighted sum of an operation's output, for each input. */
async function gradientsOn(backend: string, { inputs, run }: Case): Promise<number[][]> {
  expect(await core.setBackend(backend)).toBe(true);
  return core.tidy(() => {
    const tensors = inputs.map((shape, at) => core.tensor(valuesFor(shape, at), shape));
    const weighted = (...given: typeof tensors) => weightedSum(run(core, given));
    return core
      .grads(weighted)(tensors)
      .map((gradient) => [...gradient.dataSync()]);
  });
}

function weightedSum(output: ReturnType<Core['tensor']>) {
  return core.sum(core.mul(output, core.tensor(valuesFor(output.shape, 9), output.shape)));
}

/** The slope that one sees by moving each value a little, on the cpu backend. */
async function slopes({ inputs, run }: Case): Promise<number[][]> {
  expect(await core.setBackend('cpu')).toBe(true);
  const step = 1 / 512;
  const values = inputs.map((shape, at) => valuesFor(shape, at));
  const valueAt = () =>
    core.tidy(() => {
      const output = run(
        core,
        inputs.map((shape, at) => core.tensor(values[at] ?? [], shape)),
      );
      const weights = valuesFor(output.shape, 9);
      return [...output.dataSync()].reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0);
    });
  return values.map((input) =>
    Array.from(input, (value, at) => {
      input[at] = value + step;
      const above = valueAt();
      input[at] = value - step;
      const below = valueAt();
      input[at] = value;
      return (above - below) / (2 * step);
    }),
  );
}

function expectClose(actual: number[][], expected: number[][], tolerance: number): void {
  expect(actual.map((list) => list.length)).toEqual(expected.map((list) => list.length));
  const worst = actual.flatMap((list, at) => list.map((value, i) => Math.abs(value - (expected[at]?.[i] ?? NaN))));
  expect(Math.max(...worst)).toBeLessThan(tolerance);
}

describe.each(cases)('$name', (operation) => {
  test('has the same gradients on wasm and on cpu', async () => {
    expectClose(await gradientsOn('wasm', operation), await gradientsOn('cpu', operation), 1e-5);
  });

  test('has the gradients that moving each value a little shows', async () => {
    expectClose(await gradientsOn('wasm', operation), await slopes(operation), 2e-3);
  });
});

test('the gradient of average pooling counts only the cells inside', async () => {
  const inside: Case = {
    name: 'a corner',
    inputs: [[1, 3, 3, 1]],
    run: (engine, [x]) => engine.avgPool(x as never, 3, 2, 'same'),
  };
  const [gradient = []] = await gradientsOn('wasm', inside);
  const [a = 0, b = 0, c = 0, d = 0] = valuesFor([1, 2, 2, 1], 9);
  expect(gradient[0]).toBeCloseTo(a / 4, 6);
  expect(gradient[4]).toBeCloseTo((a + b + c + d) / 4, 6);
});

test('a kernel leaves no tensor behind', async () => {
  await core.setBackend('wasm');
  const backend = core.backend() as unknown as { numDataIds(): number };
  const before = [core.memory().numTensors, backend.numDataIds()];
  for (const operation of cases) await gradientsOn('wasm', operation);
  expect([core.memory().numTensors, backend.numDataIds()]).toEqual(before);
});
