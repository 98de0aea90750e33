import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Core } from '../packages.ts';

/** One operation of the wasm backend. */
export interface WasmKernel {
  readonly name: string;
  /** The function to register, given the one that TensorFlow.js ships, if any. */
  readonly make: (core: Core, shipped: KernelFunc | undefined) => KernelFunc;
}

/** What is handed to a kernel written here. */
export interface WasmCall<Attributes> {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: Attributes;
  readonly backend: BackendWasm;
  /** Runs another wasm kernel. Its result is let go when this kernel is done, unless this kernel returns it. */
  readonly run: (name: string, inputs: NamedTensorInfoMap, attrs: object) => TensorInfo;
}

/** A kernel function from one that sees typed attributes and may run other kernels. */
export function wasmKernel<Attributes>(core: Core, work: (call: WasmCall<Attributes>) => TensorInfo): KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const wasm = backend as BackendWasm;
    const made: TensorInfo[] = [];
    const run: WasmCall<Attributes>['run'] = (name, kernelInputs, kernelAttrs) => {
      const { kernelFunc } = core.getKernel(name, 'wasm');
      const result = kernelFunc({ inputs: kernelInputs, backend, attrs: kernelAttrs as NamedAttrMap });
      const tensor = Array.isArray(result) ? result[0] : result;
      if (tensor === undefined) throw new Error(`The kernel ${name} gave nothing.`);
      made.push(tensor);
      return tensor;
    };
    const present = Object.entries(inputs).flatMap(([name, tensor]) => (tensor === undefined ? [] : [[name, tensor]]));
    const result = work({
      inputs: Object.fromEntries(present) as Record<string, TensorInfo>,
      attrs: attrs as unknown as Attributes,
      backend: wasm,
      run,
    });
    for (const tensor of made) {
      if (tensor.dataId !== result.dataId) wasm.disposeData(tensor.dataId);
    }
    return result;
  };
}

/** An input that the operation always has. */
export function input(inputs: Readonly<Record<string, TensorInfo>>, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`A kernel was called without "${name}".`);
  return tensor;
}

/** The shape of a batch of images, or of convolution filters. */
export function shape4(tensor: TensorInfo): [number, number, number, number] {
  const [a = 1, b = 1, c = 1, d = 1] = tensor.shape;
  return [a, b, c, d];
}
