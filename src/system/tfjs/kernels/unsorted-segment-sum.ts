import type { UnsortedSegmentSumAttrs } from '@tensorflow/tfjs-core';
import { input, type WasmKernel, wasmKernel } from './wasm-kernel.ts';

/** Sums rows by the number of their segment: the gradient of a look-up, and so of an embedding. */
export const unsortedSegmentSum: WasmKernel = {
  name: 'UnsortedSegmentSum',
  make: (core) =>
    wasmKernel<UnsortedSegmentSumAttrs>(core, ({ inputs, attrs: { numSegments }, backend }) => {
      const [x, segmentIds] = [input(inputs, 'x'), input(inputs, 'segmentIds')];
      const rowShape = x.shape.slice(segmentIds.shape.length);
      const width = rowShape.reduce((size, side) => size * side, 1);
      // Made first: growing the heap would cut off the views.
      const output = backend.makeOutput([numSegments, ...rowShape], x.dtype);
      const sums = backend.typedArrayFromHeap(output).fill(0);
      const values = backend.typedArrayFromHeap(x);
      const ids = backend.typedArrayFromHeap(segmentIds);
      for (let row = 0; row < ids.length; row++) {
        const segment = ids[row] ?? -1;
        if (segment < 0 || segment >= numSegments) continue;
        const [from, to] = [row * width, segment * width];
        for (let i = 0; i < width; i++) sums[to + i] = (sums[to + i] ?? 0) + (values[from + i] ?? 0);
      }
      return output;
    }),
};
