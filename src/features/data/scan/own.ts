import { readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { linkAbove } from '../../../system/link-above.ts';
import { lookAt } from '../../../system/list-files.ts';
import { type Contents, type Measured, scan } from './scan.ts';
import type { Steps } from '../workspace.ts';

/**
 * What is at a path itself, for those who change it: a link to a folder, or to nothing, is a link, and what lies behind a
 * link is not there. A link to a file counts as the file, since the cache may have put it there.
 */
export function* scanOwn(root: string, path: string, contents: Contents): Steps<Measured | undefined> {
  if (linkAbove(root, path) !== undefined) return undefined;
  const absolute = join(root, path);
  const own = lookAt(absolute);
  if (own?.isSymbolicLink() !== true || leadsToFile(absolute)) return yield* scan(root, path, contents);
  const target = readlinkSync(absolute);
  yield 0;
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    kind: 'symlink',
    size: Buffer.byteLength(target),
    files: 1,
    digest: contents.link(path, own, target),
    children: null,
  };
}

function leadsToFile(absolute: string): boolean {
  try {
    return statSync(absolute).isFile();
  } catch {
    // To nothing, to itself, or to where nobody may look.
    return false;
  }
}
