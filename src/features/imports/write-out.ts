import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LockedPath } from '../../core/lockfile.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { readTree } from '../../stores/cache/trees.ts';
import type { Steps } from '../data/workspace.ts';

/** Writes a file or folder from the cache to a place where nothing is yet, in steps of a file. Links come last, so nothing is written through one. */
export function* writeOut(cache: Cache, locked: LockedPath, target: string): Steps<void> {
  mkdirSync(dirname(target), { recursive: true });
  if (locked.kind === 'file') {
    yield cache.checkoutFile(locked.digest, target, locked.executable, false).size;
    return;
  }
  const links: { readonly at: string; readonly to: string }[] = [];
  yield* writeFolder(locked.digest, target);
  for (const { at, to } of links) symlinkSync(to, at);

  function* writeFolder(digest: LockedPath['digest'], folder: string): Steps<void> {
    mkdirSync(folder);
    for (const entry of readTree(cache, digest)) {
      const at = join(folder, entry.name);
      if (entry.kind === 'tree') yield* writeFolder(entry.digest, at);
      else if (entry.kind === 'symlink')
        links.push({ at, to: Buffer.from(cache.readBytes(entry.digest)).toString('utf8') });
      else yield cache.checkoutFile(entry.digest, at, entry.kind === 'executable', false).size;
    }
  }
}
