import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelBackend, KernelFunc, NamedTensorInfoMap } from '@tensorflow/tfjs-core';
import type { Core } from '../packages.ts';
import type { WasmKernel } from './wasm-kernel.ts';

/** Gradients of depthwise convolutions: by the cpu backend's kernels, on copies. Right, and not fast. */
export const depthwiseGradients: readonly WasmKernel[] = [
  { name: 'DepthwiseConv2dNativeBackpropFilter', make: (core) => onCpu(core, 'DepthwiseConv2dNativeBackpropFilter') },
  { name: 'DepthwiseConv2dNativeBackpropInput', make: (core) => onCpu(core, 'DepthwiseConv2dNativeBackpropInput') },
];

function onCpu(core: Core, name: string): KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const wasm = backend as BackendWasm;
    const cpu: KernelBackend = core.findBackend('cpu');
    const copies: NamedTensorInfoMap = {};
    for (const [key, tensor] of Object.entries(inputs)) {
      if (tensor === undefined) continue;
      const { shape, dtype } = tensor;
      copies[key] = { shape, dtype, dataId: cpu.write(wasm.readSync(tensor.dataId).slice(), shape, dtype) };
    }

    const call = { inputs: copies, backend: cpu, ...(attrs === undefined ? {} : { attrs }) };
    const result = [core.getKernel(name, 'cpu').kernelFunc(call)].flat()[0];
    if (result === undefined) throw new Error(`The kernel ${name} gave nothing.`);
    const output = wasm.makeOutput(result.shape, result.dtype);
    wasm.typedArrayFromHeap(output).set(cpu.readSync(result.dataId) as Float32Array);
    for (const tensor of [...Object.values(copies), result]) {
      if (tensor !== undefined) cpu.disposeData(tensor.dataId);
    }
    return output;
  };
}
