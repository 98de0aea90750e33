import type { Conv2DBackpropFilterAttrs } from '@tensorflow/tfjs-core';
import { input, shape4, type WasmKernel, wasmKernel } from './wasm-kernel.ts';

/**
 * The gradient of a convolution's filter is a convolution itself: of the inputs, with channels as batch, by the output's
 * gradient as filter; what were strides become dilations. So the fast forward kernel does the work.
 */
export const conv2dBackpropFilter: WasmKernel = {
  name: 'Conv2DBackpropFilter',
  make: (core) =>
    wasmKernel<Conv2DBackpropFilterAttrs>(core, ({ inputs, attrs, run }) => {
      const [x, dy] = [input(inputs, 'x'), input(inputs, 'dy')];
      const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs;
      const { computeConv2DInfo, convertConv2DDataFormat } = core.backend_util;
      const format = convertConv2DDataFormat(dataFormat);
      if (format !== 'channelsLast') throw new Error('Convolutions here have their channels last.');
      const info = computeConv2DInfo(shape4(x), filterShape, strides, 1, pad, dimRoundingMode, false, format);
      const { top, left } = info.padInfo;

      // Padded or cut so that the result is exactly as large as the filter.
      const height = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
      const width = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
      const bottom = Math.max(0, height - info.inHeight - top);
      const right = Math.max(0, width - info.inWidth - left);
      const needsPadding = top + left + bottom + right > 0;
      const paddings = [[0, 0], [top, bottom], [left, right], [0, 0]]; // prettier-ignore
      const padded = needsPadding ? run('PadV2', { x }, { paddings, constantValue: 0 }) : x;
      const [batch, paddedHeight, paddedWidth, channels] = shape4(padded);
      const isTooLarge = paddedHeight > height || paddedWidth > width;
      const size = [batch, height, width, channels];
      const fitted = isTooLarge ? run('Slice', { x: padded }, { begin: [0, 0, 0, 0], size }) : padded;

      const gradient = run(
        'Conv2D',
        {
          x: run('Transpose', { x: fitted }, { perm: [3, 1, 2, 0] }),
          filter: run('Transpose', { x: dy }, { perm: [1, 2, 0, 3] }),
        },
        { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC', dilations: [info.strideHeight, info.strideWidth] },
      );
      return run('Transpose', { x: gradient }, { perm: [1, 2, 0, 3] });
    }),
};
