import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('every package whose code is in ours is named with its licence', async () => {
  const { metafile } = await build({
    entryPoints: ['src/main.ts', 'src/features/training/host.ts'],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir: 'nowhere',
    write: false,
    metafile: true,
    external: ['better-sqlite3', '@napi-rs/blake-hash', '@tensorflow/tfjs-node'],
    logLevel: 'error',
  });
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const packages = new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
  const notices = await readFile('THIRD-PARTY-NOTICES.md', 'utf8');
  expect(packages.size).toBeGreaterThan(50);
  expect([...packages].filter((name) => !notices.includes(`\`${name}\``))).toEqual([]);
});
