import type { AvgPoolGradAttrs, backend_util, TypedArray } from '@tensorflow/tfjs-core';
import { eachWindow } from './pool-windows.ts';
import { input, shape4, type WasmKernel, wasmKernel } from './wasm-kernel.ts';

/** Spreads each window's gradient over the cells that it averaged. The shipped kernel counts cells beyond the border too. */
export const avgPoolGrad: WasmKernel = {
  name: 'AvgPoolGrad',
  make: (core) =>
    wasmKernel<AvgPoolGradAttrs>(core, ({ inputs, attrs, backend }) => {
      const [x, dy] = [input(inputs, 'input'), input(inputs, 'dy')];
      const info = core.backend_util.computePool2DInfo(shape4(x), attrs.filterSize, attrs.strides, 1, attrs.pad);
      // Made first: growing the heap would cut off the views.
      const output = backend.makeOutput(x.shape, 'float32');
      spreadGradient(info, backend.typedArrayFromHeap(dy), backend.typedArrayFromHeap(output).fill(0));
      return output;
    }),
};

/** The gradient of average pooling, added into an array of zeros. */
export function spreadGradient(info: backend_util.Conv2DInfo, given: TypedArray, gradient: TypedArray): void {
  const { inWidth, inChannels } = info;
  eachWindow(info, ({ out, image, top, bottom, left, right }) => {
    const share = (given[out] ?? 0) / ((bottom - top) * (right - left));
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const at = image + (y * inWidth + x) * inChannels;
        gradient[at] = (gradient[at] ?? 0) + share;
      }
    }
  });
}
