import { lstatSync } from 'node:fs';
import { buildTree } from '../../../stores/cache/trees.ts';
import type { IndexFolder } from '../../../stores/index/folder-block.ts';
import type { FolderEntry } from '../../../system/list-files.ts';
import type { Folder, Measured, Scan } from '../measured.ts';
import type { Steps } from '../workspace.ts';

const FILES_PER_STEP = 64;

/** A folder whose names the index knows: one look at each file, and no more for those that did not change. Undefined when it has to be listed after all. */
export function* scanKnown(
  scan: Scan,
  folder: Folder,
  known: IndexFolder,
  look: (entry: FolderEntry) => Steps<Measured | undefined>,
): Steps<Measured | undefined> {
  const { contents } = scan;
  const { names, listing } = known;
  if (listing === null) return undefined;
  /** What was looked at closely. */
  const found = new Map<number, Measured>();
  const base = `${folder.absolute}/`;
  let isSame = true;
  let hasNews = false;
  let files = 0;
  for (let at = 0; at < names.length; at++) {
    if (!known.isListedAt(at)) continue;
    const name = names[at] ?? '';
    const kind = known.kindAt(at);
    if (kind !== 'tree') {
      const stat = lstatSync(base + name, { throwIfNoEntry: false });
      if (stat === undefined) return undefined;
      if (++files % FILES_PER_STEP === 0) yield { files: FILES_PER_STEP, bytes: 0 };
      if (known.isUnchangedAt(at, stat) && contents.isKept(known, at)) continue;
    }
    const child = yield* look({ name, type: kind === 'tree' ? 'folder' : 'file' });
    if (child === undefined || (child.kind === 'tree') !== (kind === 'tree')) return undefined;
    found.set(at, child);
    isSame &&= child.kind === kind && child.digest === known.row(at).digest;
    hasNews ||= kind !== 'tree';
  }
  yield { files: files % FILES_PER_STEP, bytes: 0 };
  const children = (): Measured[] => childrenOf(known, found);
  if (isSame && !hasNews && contents.isTreeKept(listing, names.length)) return lazily(folder.name, listing, children);
  const entries = children();
  const tree = buildTree(entries, contents.tree);
  const { rules: key, hasOwnRules } = listing;
  contents.index.recordListing(folder.path, folder.stat, { ...tree, rules: key, hasOwnRules, entries });
  return { name: folder.name, kind: 'tree', ...tree, children: entries };
}

function childrenOf(known: IndexFolder, found: ReadonlyMap<number, Measured>): Measured[] {
  const children: Measured[] = [];
  for (const [at, name] of known.names.entries()) {
    if (!known.isListedAt(at)) continue;
    const child = found.get(at);
    const { kind, size, digest } = known.row(at);
    children.push(child ?? { name, kind: kind ?? 'file', size, files: 1, digest, children: null });
  }
  return children;
}

/** Most folders are asked for their digest only. */
function lazily(
  name: string,
  { digest, size, files }: Pick<Measured, 'digest' | 'size' | 'files'>,
  children: () => readonly Measured[],
): Measured {
  let made: readonly Measured[] | undefined;
  return {
    name,
    kind: 'tree',
    digest,
    size,
    files,
    get children() {
      return (made ??= children());
    },
  };
}
