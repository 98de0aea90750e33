/** A name in one of Git's own trees. */
export interface GitTreeEntry {
  readonly name: string;
  readonly id: string;
  readonly isTree: boolean;
}

/** The entries of a tree object of Git: `<mode> <name>\0<id>`, one after another. Submodules are left out. */
export function* parseTree(bytes: Buffer, idLength: number): Iterable<GitTreeEntry> {
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0) return;
    const mode = bytes.toString('latin1', at, space);
    const name = bytes.toString('utf8', space + 1, end);
    at = end + 1 + idLength;
    if (mode !== '160000') yield { name, id: bytes.toString('hex', end + 1, at), isTree: mode === '40000' };
  }
}
