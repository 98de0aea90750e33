import type { MaxPoolGradAttrs } from '@tensorflow/tfjs-core';
import { input, shape4, type WasmKernel, wasmKernel } from './wasm-kernel.ts';
import { eachWindow } from './pool-windows.ts';

/** Gives each window's gradient to its largest value. The shipped kernel loses it where no value is positive. */
export const maxPoolGrad: WasmKernel = {
  name: 'MaxPoolGrad',
  make: (core) =>
    wasmKernel<MaxPoolGradAttrs>(core, ({ inputs, attrs, backend }) => {
      const [x, dy] = [input(inputs, 'input'), input(inputs, 'dy')];
      const { filterSize, strides, pad, dimRoundingMode } = attrs;
      const info = core.backend_util.computePool2DInfo(shape4(x), filterSize, strides, 1, pad, dimRoundingMode);
      // Made first: growing the heap would cut off the views.
      const output = backend.makeOutput(x.shape, x.dtype);
      const gradient = backend.typedArrayFromHeap(output).fill(0);
      const values = backend.typedArrayFromHeap(x);
      const given = backend.typedArrayFromHeap(dy);
      const { inWidth, inChannels } = info;
      eachWindow(info, ({ out, image, top, bottom, left, right }) => {
        let best = -Infinity;
        let position = -1;
        for (let y = top; y < bottom; y++) {
          for (
            let at = image + (y * inWidth + left) * inChannels;
            at < image + (y * inWidth + right) * inChannels;
            at += inChannels
          ) {
            const value = values[at] ?? 0;
            if (value > best) [best, position] = [value, at];
          }
        }
        if (position >= 0) gradient[position] = (gradient[position] ?? 0) + (given[out] ?? 0);
      });
      return output;
    }),
};
