import { join } from 'node:path';
import { lookAt } from '../../../system/list-files.ts';
import type { CheckoutFailure } from './plan.ts';
import type { Workspace } from '../workspace.ts';

/** What a checkout did, file by file; folders only where they hold no file. */
export interface CheckoutDone {
  readonly added: string[];
  readonly modified: string[];
  readonly deleted: string[];
  /** Left as they are, since their bytes are nowhere else. */
  readonly kept: string[];
  readonly failed: CheckoutFailure[];
}

/** Where a checkout works, and what it may do. */
export interface CheckoutPlace extends Workspace {
  readonly tmp: string;
  /** Whether bytes that are not in the cache may be lost. */
  readonly force: boolean;
}

/** The reason of a path that would lead through a link or a file. */
export function notAFolder(root: string, folder: string): string {
  const isLink = lookAt(join(root, folder))?.isSymbolicLink() === true;
  return `${folder} is ${isLink ? 'a symbolic link' : 'no folder'}, so nothing is put into it.`;
}
