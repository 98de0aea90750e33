import { ENGINE } from '../../core/built-in/resolve-settings.ts';
import { findNative, NATIVE_INSTALL, type NativePackage } from '../../system/tfjs/native.ts';

/** What does the arithmetic of built-in stages here, and how to get the other. */
export interface BackendReport {
  /** What `backend: auto` chooses from. */
  readonly bundled: readonly ['wasm', 'cpu'];
  readonly engine: string;
  /** Without SIMD, `wasm` refuses to work. */
  readonly hasSimd: boolean;
  /** The project's own `@tensorflow/tfjs-node`, for `backend: tensorflow`; null when it has none. */
  readonly native: NativePackage | null;
  /** Commands that install it, one after another. */
  readonly install: { readonly npm11: readonly string[]; readonly npm12: readonly string[] };
}

/** Looks at the backends without loading TensorFlow.js. `root`: the project, or the current folder. */
export function backendReport(root: string): BackendReport {
  return {
    bundled: ['wasm', 'cpu'],
    engine: ENGINE,
    hasSimd: WebAssembly.validate(SIMD_MODULE),
    native: findNative(root),
    install: NATIVE_INSTALL,
  };
}

// The smallest module with a SIMD instruction: a function that makes a vector and drops it.
const SIMD_MODULE = Buffer.from('0061736d01000000010401600000030201000a090107004100fd0f1a0b', 'hex');
