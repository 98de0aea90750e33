import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestFromHex } from '../../../core/digest.ts';
import { systemCode } from '../../../core/errors.ts';
import { STATE_FOLDER } from '../../../project/layout.ts';
import { fileError, isMissing } from '../../../system/file-error.ts';
import type { Steps } from '../workspace.ts';

/** Gives `visit` the objects that links anywhere in a project point to: without them the files were gone, tracked or not. */
export function* visitLinked(root: string, visit: (digest: Digest) => void): Steps<void> {
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== STATE_FOLDER && entry.name !== '.git') folders.push(path);
      const digest = entry.isSymbolicLink() ? objectAt(path) : undefined;
      if (digest !== undefined) visit(digest);
    }
    yield 0;
  }
}

// Whichever cache it is in: what is kept too much does no harm.
const OBJECT = /[/\\]objects[/\\]([0-9a-f]{2})[/\\]([0-9a-f]{62})$/;

function objectAt(link: string): Digest | undefined {
  const [, first, rest] = OBJECT.exec(targetOf(link)) ?? [];
  return first === undefined || rest === undefined ? undefined : digestFromHex(first + rest);
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'EINVAL') return '';
    throw fileError(error, `read the link ${link}`);
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // Where we may not look, no checkout of ours has put a link.
    if (isMissing(error) || systemCode(error) === 'EACCES') return [];
    throw fileError(error, `look for links in ${folder}`);
  }
}
