import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Core } from '../packages.ts';
import { avgPoolGrad } from './avg-pool-grad.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2dBackpropInput } from './conv2d-backprop-input.ts';
import { depthwiseGradients } from './depthwise-gradients.ts';
import { maxPoolGrad } from './max-pool-grad.ts';
import type { WasmKernel } from './wasm-kernel.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

/** What the wasm backend lacks for training, or gets wrong, or does slowly. A change that moves bits changes `ENGINE`. */
const kernels: readonly WasmKernel[] = [
  conv2dBackpropFilter,
  conv2dBackpropInput,
  ...depthwiseGradients,
  unsortedSegmentSum,
  batchMatMul,
  maxPoolGrad,
  avgPoolGrad,
];

const added = new WeakSet<Core>();

/** Teaches the wasm backend to train. Once is enough; more does no harm. */
export function addWasmKernels(core: Core): void {
  if (added.has(core)) return;
  added.add(core);
  for (const { name, make } of kernels) {
    const shipped: KernelConfig | undefined = core.getKernel(name, 'wasm');
    if (shipped !== undefined) core.unregisterKernel(name, 'wasm');
    core.registerKernel({
      ...shipped,
      kernelName: name,
      backendName: 'wasm',
      kernelFunc: make(core, shipped?.kernelFunc),
    });
  }
}
