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

/** Every entry of one folder, through its pages. `visit` is told of each page: its level, its first name, and whether no page is before it. */
export function readFolder(
  objects: ReadonlyMap<string, Buffer>,
  root: string,
  visit: (level: number, first: string, isFirst: boolean) => void,
): ReadEntry[] {
  const walk = (hex: string, isLeftmost: boolean): ReadEntry[] => {
    const bytes = objects.get(hex) ?? Buffer.alloc(0);
    const level = bytes[12] ?? 0;
    const entries = readTreeBytes(bytes);
    if (level === 0) return entries;
    return entries.flatMap(({ name, digest }, at) => {
      const isFirst = isLeftmost && at === 0;
      visit(level - 1, name, isFirst);
      return walk(digest, isFirst);
    });
  };
  return walk(root, true);
}

/** What a stat index of a little-endian machine says. */
export function readStatIndex(bytes: Buffer) {
  const padded = (length: number): number => length + ((8 - (length % 8)) % 8);
  const [count, trackedBytes] = [bytes.readUInt32LE(16), bytes.readUInt32LE(20)];
  const texts = (from: number, length: number): string[] =>
    length === 0 ? [] : bytes.toString('utf8', from, from + length).split('\0');
  const folders = [];
  for (let left = count, at = 64 + padded(trackedBytes); left > 0; left--) {
    const [pathBytes, nameBytes, names, flags] = [0, 4, 8, 12].map((place) => bytes.readUInt32LE(at + place)) as [
      number,
      number,
      number,
      number,
    ];
    const numbers = at + padded(120 + pathBytes + nameBytes);
    const digests = numbers + names * 32;
    const marks = digests + names * 32;
    const [mtime, ctime, ino, size, files] = [16, 24, 32, 40, 48].map((place) => bytes.readDoubleLE(at + place));
    const [tree, rules] = [bytes.toString('hex', at + 56, at + 88), bytes.toString('hex', at + 88, at + 120)];
    const rows = texts(at + 120 + pathBytes, nameBytes).map((name, row) => {
      const [one, two, three, four] = [0, 8, 16, 24].map((place) => bytes.readDoubleLE(numbers + row * 32 + place));
      const mark = bytes.readUInt8(marks + row);
      return {
        ...{ name, mtime: one, ctime: two, size: three, ino: four },
        digest: bytes.toString('hex', digests + row * 32, digests + row * 32 + 32),
        ...{ isRacy: (mark & 1) !== 0, isListed: (mark & 2) !== 0, kind: mark >> 2 },
      };
    });
    const listing = { mtime, ctime, ino, size, files, tree, rules, hasOwnRules: (flags & 2) !== 0 };
    const path = bytes.toString('utf8', at + 120, at + 120 + pathBytes);
    folders.push({ path, listing: (flags & 1) === 0 ? null : listing, rows });
    at += padded(marks + names - at);
  }
  return { tracked: texts(64, trackedBytes), folders, digest: bytes.toString('hex', 24, 56) };
}
