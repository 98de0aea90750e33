import type { AvgPoolGradAttrs, KernelBackend } from '@tensorflow/tfjs-core';
import type { Core } from '../packages.ts';
import { spreadGradient } from './avg-pool-grad.ts';
import { shape4 } from './wasm-kernel.ts';

/** Replaces the kernel of the cpu backend that counts cells beyond the border. */
export function fixCpuKernels(core: Core): void {
  const shipped = core.getKernel('AvgPoolGrad', 'cpu');
  core.unregisterKernel('AvgPoolGrad', 'cpu');
  core.registerKernel({
    ...shipped,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const [x, dy] = [inputs['input'], inputs['dy']];
      if (x === undefined || dy === undefined) throw new Error('AvgPoolGrad was called without its inputs.');
      const { filterSize, strides, pad } = attrs as unknown as AvgPoolGradAttrs;
      const info = core.backend_util.computePool2DInfo(shape4(x), filterSize, strides, 1, pad);
      const cpu = backend as KernelBackend;
      const gradient = new Float32Array(core.util.sizeFromShape(x.shape));
      spreadGradient(info, cpu.readSync(dy.dataId) as Float32Array, gradient);
      return { dataId: cpu.write(gradient, x.shape, 'float32'), shape: x.shape, dtype: 'float32' };
    },
  });
}
