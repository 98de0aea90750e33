import type { BatchMatMulAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { input, type WasmKernel, wasmKernel } from './wasm-kernel.ts';

/**
 * Matrix products with a transposed operand take a slow path in the shipped kernel, and every gradient of a dense layer is
 * one. Transposing first leads to the fast path.
 */
export const batchMatMul: WasmKernel = {
  name: 'BatchMatMul',
  make: (core, shipped) => {
    if (shipped === undefined) throw new Error('The wasm backend has lost BatchMatMul.');
    const transposed = wasmKernel<BatchMatMulAttrs>(core, ({ inputs, attrs, backend, run }) => {
      const swap = (x: TensorInfo) => {
        const rank = x.shape.length;
        return run('Transpose', { x }, { perm: [...Array(rank - 2).keys(), rank - 1, rank - 2] });
      };
      const [a, b] = [input(inputs, 'a'), input(inputs, 'b')];
      const operands = { a: attrs.transposeA ? swap(a) : a, b: attrs.transposeB ? swap(b) : b };
      const product = shipped({ inputs: operands, backend, attrs: { transposeA: false, transposeB: false } });
      return [product].flat()[0] ?? a;
    });
    return (call) => {
      const { transposeA, transposeB } = call.attrs as unknown as BatchMatMulAttrs;
      return transposeA || transposeB ? transposed(call) : shipped(call);
    };
  },
};
