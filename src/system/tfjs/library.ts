import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ResolvedBackend } from '../../core/built-in/parts.ts';
import { MlopsError } from '../../core/errors.ts';
import { packageFolder } from '../package-folder.ts';
import { fixCpuKernels } from './kernels/cpu-kernels.ts';
import { addWasmKernels } from './kernels/wasm-kernels.ts';
import { requireNative } from './native.ts';
import type { Core, Layers } from './packages.ts';

/** What the build has to put into `dist`. */
const WASM_FILES = ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm'] as const;

/** The packages of TensorFlow.js as they are used here: tensors, and layers made of them. */
export interface Library {
  readonly core: Core;
  readonly layers: Layers;
  readonly backend: ResolvedBackend;
}

/** Loads TensorFlow.js with one backend, ready to train. For `tensorflow`, the project at `root` brings the package. */
export async function loadLibrary(backend: ResolvedBackend, root: string): Promise<Library> {
  return backend === 'tensorflow' ? loadNative(root) : loadBundled(backend);
}

async function loadBundled(backend: 'cpu' | 'wasm'): Promise<Library> {
  const { core, layers, setWasmPaths } = await import('./bundled.ts');
  // Its banner and its advice are for people who write TensorFlow.js code.
  core.env().set('PROD', true);
  fixCpuKernels(core);
  if (backend === 'wasm') await prepareWasm(core, setWasmPaths);
  await useBackend(core, backend);
  return { core, layers, backend };
}

async function prepareWasm(core: Core, setWasmPaths: (folder: string) => void): Promise<void> {
  // The plain build rounds differently: it would be another backend. Every Node that we support has SIMD.
  if (!(await core.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) {
    throw new MlopsError(
      'failed',
      'This Node has no WebAssembly SIMD, without which results would differ from elsewhere.',
      {
        hint: 'Use the cpu backend: backend: cpu',
      },
    );
  }
  const folder = wasmFolder();
  setWasmPaths(join(folder, '/'));
  // Its loader was written for CommonJS and asks for its folder, which an ES module does not have.
  Reflect.set(globalThis, '__dirname', Reflect.get(globalThis, '__dirname') ?? folder);
  addWasmKernels(core);
}

async function loadNative(root: string): Promise<Library> {
  const library = requireNative(root);
  library.core.env().set('PROD', true);
  await useBackend(library.core, 'tensorflow');
  return { ...library, backend: 'tensorflow' };
}

// setBackend says false and prints when it fails; the program would go on with whatever backend is there.
async function useBackend(core: Core, backend: ResolvedBackend): Promise<void> {
  const isReady = await core.setBackend(backend);
  if (isReady && core.getBackend() === backend) return;
  throw new MlopsError('failed', `TensorFlow.js could not start its ${backend} backend.`, {
    hint: 'Run `mlops doctor`, or use another one: backend: cpu',
  });
}

/** The built package has the files in `dist`; a checkout that was not built has them in node_modules. */
function wasmFolder(): string {
  const built = join(packageFolder(), 'dist');
  if (existsSync(join(built, WASM_FILES[0]))) return built;
  return dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
}
