import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

// src → dist: one small entry, and a chunk for everything that is loaded on first use.

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');
const wasm = join(root, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist');
// Complete before it is in place: a program that runs meanwhile finds all of its chunks.
const next = join(root, 'node_modules', '.cache', `dist-${process.pid}`);

const entries = { main: 'src/main.ts', 'training-host': 'src/features/training/host.ts' };

try {
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(root, file)))),
    outdir: next,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // The ES modules of packages that have both: their named exports survive an `import()`.
    mainFields: ['module', 'main'],
    minify: true,
    // Stacks of bug reports name our functions.
    keepNames: true,
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    // Native modules, and what only the user's project may have.
    external: ['better-sqlite3', '@napi-rs/blake-hash', '@tensorflow/tfjs-node'],
    // CommonJS packages inside the bundle ask for Node's own modules with `require`.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  // Without threads: measured slower in Node.
  for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'])
    copyFileSync(join(wasm, file), join(next, file));
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
} catch {
  // What is wrong was told by the bundler, above.
  process.exitCode = 1;
} finally {
  rmSync(next, { recursive: true, force: true });
}
