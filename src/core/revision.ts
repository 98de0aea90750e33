/** A state of the project: a commit, or the files as they are on disk now. */
export type Revision =
  { readonly type: 'workspace' } | { readonly type: 'commit'; readonly name: string; readonly sha: string };

/** The files on disk. */
export const WORKSPACE: Revision = { type: 'workspace' };

/** How a person names a revision: what they typed, or `workspace`. */
export function revisionName(revision: Revision): string {
  return revision.type === 'workspace' ? 'workspace' : revision.name;
}
