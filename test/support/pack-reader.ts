// A second reader of the cache's files, written from src/stores/cache/README.md alone. It shares no code with the program,
// trusts nothing but the layout, and is as short as such a reader can be.

/** What lies in a pack, by the 64 hex characters of its digest. */
export function readPack(bytes: Buffer): Map<string, Buffer> {
  const [count, indexAt] = [bytes.readUInt32LE(bytes.length - 40), bytes.readUInt32LE(bytes.length - 36)];
  const objects = new Map<string, Buffer>();
  for (let row = indexAt; row < indexAt + count * 40; row += 40) {
    const [offset, length] = [bytes.readUInt32LE(row + 32), bytes.readUInt32LE(row + 36)];
    objects.set(bytes.toString('hex', row, row + 32), bytes.subarray(offset, offset + length));
  }
  return objects;
}

/** Where an object is, by the index beside a pack; undefined when the pack does not have it. */
export function findInPackIndex(index: Buffer, hex: string): { offset: number; length: number } | undefined {
  const count = index.readUInt32LE(12);
  const first = parseInt(hex.slice(0, 2), 16);
  const from = first === 0 ? 0 : index.readUInt32LE(16 + (first - 1) * 4);
  for (let at = from; at < index.readUInt32LE(16 + first * 4); at++) {
    if (index.toString('hex', 1040 + at * 32, 1040 + at * 32 + 32) !== hex) continue;
    const place = 1040 + count * 32 + at * 8;
    return { offset: index.readUInt32LE(place), length: index.readUInt32LE(place + 4) };
  }
  return undefined;
}

/** One entry of a tree or, in a tree with levels, one of its pages. */
export interface ReadEntry {
  readonly kind: 'file' | 'executable' | 'symlink' | 'tree' | 'page';
  readonly name: string;
  readonly size: number;
  readonly digest: string;
}

/** What a tree object says. */
export function readTreeBytes(bytes: Buffer): ReadEntry[] {
  let at = 12;
  const number = (): number => {
    let [value, factor, byte] = [0, 1, 0x80];
    for (; byte >= 0x80; factor *= 128) value += ((byte = bytes[at++] ?? 0) & 0x7f) * factor;
    return value;
  };
  const text = (): string => {
    const length = number();
    return bytes.toString('utf8', at, (at += length));
  };
  const digest = (): string => bytes.toString('hex', at, (at += 32));
  const level = bytes[at++] ?? 0;
  const entries: ReadEntry[] = [];
  for (let left = number(); left > 0; left--) {
    if (level > 0) {
      const name = text();
      number();
      const size = number();
      number();
      entries.push({ kind: 'page', name, size, digest: digest() });
      continue;
    }
    const kind = (['file', 'executable', 'symlink', 'tree'] as const)[(bytes[at++] ?? 0) - 1] ?? 'file';
    const [name, size] = [text(), number()];
    if (kind === 'tree') number();
    entries.push({ kind, name, size, digest: digest() });
  }
  return entries;
}
