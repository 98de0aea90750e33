import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

// src → dist. Opening a file costs Node about a millisecond, so all of our own code is one file, whose modules are
// evaluated when they are first imported; packages that are imported lazily are files of their own.

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');
const wasm = join(root, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist');
// Complete before it is in place: a program that runs meanwhile finds all of its files.
const next = join(root, 'node_modules', '.cache', `dist-${process.pid}`);

/** Native modules, and what only the user's project may have: found where they are installed. */
const INSTALLED = ['better-sqlite3', '@napi-rs/blake-hash', '@tensorflow/tfjs-node'];

const settings = {
  absWorkingDir: root,
  outdir: next,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // The ES modules of packages that have both: their named exports survive an `import()`.
  mainFields: ['module', 'main'],
  // Names stay: the stack in a bug report has to be read by people.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  external: INSTALLED,
  // CommonJS packages in a bundle ask for Node's own modules with `require`.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
};

try {
  const packages = new Set();
  await build({ ...settings, entryPoints: { main: 'src/main.ts' }, plugins: [lazyPackages(packages)] });
  await build({
    ...settings,
    entryPoints: { thread: 'src/system/threads/thread.ts' },
    plugins: [lazyPackages(packages)],
  });
  await build({ ...settings, entryPoints: { 'training-host': 'src/features/training/host.ts' } });
  await build({ ...settings, entryPoints: { 'process-host': 'src/system/process/host.ts' } });
  const entryPoints = Object.fromEntries([...packages].map((name) => [fileOf(name), name]));
  await build({ ...settings, entryPoints, splitting: true, outdir: join(next, 'packages') });

  // Without threads: measured slower in Node.
  for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    copyFileSync(join(wasm, file), join(next, file));
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
} catch (error) {
  // Mistakes in the source were told by the bundler, above.
  if (!('errors' in error)) console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(next, { recursive: true, force: true });
}

/** Leaves each `import('package')` to a file beside the bundle, and collects which packages these are. */
function lazyPackages(found) {
  return {
    name: 'lazy-packages',
    setup({ onResolve }) {
      onResolve({ filter: /^[@a-z]/ }, ({ kind, path }) => {
        if (kind !== 'dynamic-import' || INSTALLED.includes(path)) return undefined;
        found.add(path);
        return { path: `./packages/${fileOf(path)}.js`, external: true };
      });
    },
  };
}

function fileOf(name) {
  return name.replace('@', '').replaceAll('/', '-');
}
