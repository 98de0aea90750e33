import { MlopsError } from '../../core/errors.ts';
import { findInSource } from './find.ts';
import { sourcePath } from './paths.ts';
import { openSource, type SourceContext } from './source.ts';

/** Gives the bytes of a file of another repository to `write`, verified. */
export async function catSource(
  context: SourceContext,
  {
    repo,
    path,
    rev,
    write,
  }: { repo: string; path: string; rev: string | null; write: (bytes: Uint8Array) => Promise<void> },
): Promise<void> {
  const source = await openSource(context, repo, rev);
  try {
    const { locked, bring } = await findInSource(context, source, sourcePath(path));
    if (locked.kind === 'tree')
      throw new MlopsError('usage', `${path} is a folder.`, { hint: `mlops ls --repo ${repo} ${path}` });
    await bring();
    await write(context.cache.readBytes(locked.digest));
  } finally {
    source.close();
  }
}
