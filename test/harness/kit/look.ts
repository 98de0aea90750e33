import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, lutimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { digestOf } from '../../../src/system/hash.ts';
import { findInPackIndex, readPack } from '../../support/pack-reader.ts';

/** Every file under a folder, relative to it, in order. */
export function filesUnder(folder: string): string[] {
  const found = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const paths = found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => path.slice(folder.length + 1)).sort();
}

/** The hex digest of bytes. */
export function hexOfBytes(bytes: Uint8Array): string {
  return digestOf(bytes).slice('blake3:'.length);
}

/**
 * Reads a cache with the second reader, and holds it to the law: what has a name in it is whole. Returns its objects by the
 * hex characters of their digests.
 */
export function readWholeStore(cache: string): Set<string> {
  const objects = new Set<string>();
  const strays: string[] = [];
  for (const path of filesUnder(join(cache, 'v1/objects'))) {
    const hex = path.replace('/', '');
    if (hexOfBytes(readFileSync(join(cache, 'v1/objects', path))) !== hex) strays.push(`objects/${path}`);
    objects.add(hex);
  }
  for (const file of filesUnder(join(cache, 'v1/packs'))) {
    const bytes = readFileSync(join(cache, 'v1/packs', file));
    if (file.endsWith('.idx')) {
      if (hexOfBytes(bytes.subarray(0, -32)) !== bytes.subarray(-32).toString('hex')) strays.push(file);
      continue;
    }
    if (`${hexOfBytes(bytes)}.pack` !== file) strays.push(file);
    for (const [hex, content] of readPack(bytes)) {
      if (hexOfBytes(content) !== hex) strays.push(`${file}: ${hex}`);
      objects.add(hex);
    }
    checkIndex(cache, file, [...readPack(bytes).keys()], strays);
  }
  expect(strays).toEqual([]);
  return objects;
}

function checkIndex(cache: string, pack: string, digests: readonly string[], strays: string[]): void {
  const file = join(cache, 'v1/packs', pack.replace(/pack$/, 'idx'));
  if (!existsSync(file)) return;
  const index = readFileSync(file);
  if (digests.some((hex) => findInPackIndex(index, hex) === undefined)) strays.push(file);
}

/** What lies in a workspace beside the state of Git and of the tool: each path, with what it is. */
export function lookAtWorkspace(root: string): Map<string, string> {
  const seen = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (['.git', '.mlops', '.no-config'].includes(path)) continue;
      const stat = lstatSync(join(root, path));
      if (stat.isDirectory()) {
        seen.set(`${path}/`, '');
        walk(path);
      } else if (stat.isSymbolicLink()) seen.set(path, `-> ${readlinkSync(join(root, path))}`);
      else seen.set(path, `${stat.mode & 0o100 ? 'x ' : ''}${hexOfBytes(readFileSync(join(root, path)))}`);
    }
  };
  walk('');
  return seen;
}

/** Sets the dates of what lies in a cache back, so that it is older than any grace. */
export function age(cache: string, kinds: readonly string[] = ['objects', 'packs'], hours = 5): void {
  const old = new Date(Date.now() - hours * 3600 * 1000);
  for (const kind of kinds) {
    const folder = join(cache, 'v1', kind);
    for (const path of filesUnder(folder)) lutimesSync(join(folder, path), old, old);
  }
}
