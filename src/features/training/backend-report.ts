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
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
);
