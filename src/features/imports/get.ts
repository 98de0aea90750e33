import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Surroundings } from '../../project/project.ts';
import { lookAt } from '../../system/list-files.ts';
import { movePath } from '../../system/move-path.ts';
import { inTurns } from '../data/workspace.ts';
import { withContext } from './context.ts';
import { findInSource } from './find.ts';
import { placeFor, sourcePath } from './paths.ts';
import { openSource, type SourceContext } from './source.ts';
import { writeOut } from './write-out.ts';

/** What `get` was asked: data of another repository, and where it goes; all as typed. */
export interface GetRequest {
  readonly repo: string;
  readonly path: string;
  readonly out: string | null;
  readonly rev: string | null;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** The document of `get`. */
export interface GetResult {
  /** Absolute. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  /** Null for a single file. */
  readonly files: number | null;
  readonly commit: string;
}

/** Downloads a file or folder of another repository. Nothing is tracked; inside a project its cache is used. */
export function getPath(cwd: string, surroundings: Surroundings, request: GetRequest): Promise<GetResult> {
  return withContext(cwd, surroundings, (context) => download(context, cwd, request));
}

async function download(
  context: SourceContext,
  cwd: string,
  { repo, path: typed, out, rev, force, dryRun }: GetRequest,
): Promise<GetResult> {
  const path = sourcePath(typed);
  const target = placeFor(cwd, out, basename(path));
  const isTaken = lookAt(target) !== undefined;
  if (isTaken && !force) {
    throw new MlopsError('refused', `${target} is there already, and is not overwritten.`, {
      hint: 'Choose another place with -o, or say --force.',
    });
  }
  const source = await openSource(context, repo, rev);
  try {
    const { locked, bring } = await findInSource(context, source, path);
    const result = {
      path: target,
      digest: locked.digest,
      size: locked.size,
      files: locked.kind === 'tree' ? locked.files : null,
      commit: source.commit.sha,
    };
    if (dryRun) return result;
    await bring();
    // Beside its place, so that it appears there whole or not at all.
    const arriving = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}.mlops`);
    try {
      await inTurns(writeOut(context.cache, locked, arriving), 'checkout', context.surroundings);
      const aside = `${arriving}.before`;
      if (isTaken) movePath(target, aside);
      movePath(arriving, target);
      rmSync(aside, { recursive: true, force: true });
    } finally {
      rmSync(arriving, { recursive: true, force: true });
    }
    return result;
  } finally {
    source.close();
  }
}
