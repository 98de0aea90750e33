import { closeSync, fstatSync, fsyncSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestFromHex } from '../../core/digest.ts';
import { MlopsError, systemCode } from '../../core/errors.ts';
import { isMissing } from '../../system/file-error.ts';
import { syncFolder, writeAll } from '../../system/write-file.ts';
import { decodePackEnd, type PackedObject } from './pack-format.ts';
import { encodePackIndex, PackIndex } from './pack-index.ts';
import type { UnnamedPack } from './pack-writer.ts';
import { quarantine } from './quarantine.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { readAt, withPack } from './read-pack.ts';

/** Makes a new file for unfinished work. */
export type CreateFile = () => [path: string, fd: number];

/** A pack and the index of it. */
export interface Pack {
  /** 64 hex characters. */
  readonly name: string;
  readonly path: string;
  readonly index: PackIndex;
  /** Bytes of its file when it was last looked at: an object beyond them was cut off. */
  readonly size: number;
}

/** Where the index of a pack lies. */
export function indexPathOf(pack: string): string {
  return pack.replace(/pack$/, 'idx');
}

/** Gives a pack its name and puts its index beside it; both last when this returns. */
export function namePack(folder: string, { temporary, name, objects }: UnnamedPack, create: CreateFile): Pack {
  const path = join(folder, `${name}.pack`);
  let isNew: boolean;
  try {
    isNew = makeFolder(folder) !== undefined;
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const index = writePackIndex(path, objects, create);
  syncFolder(folder);
  if (isNew) syncFolder(dirname(folder));
  return { name, path, index, size: statSync(path).size };
}

/** The packs in a folder. One without an index gets it again; one that cannot be read is told, and passed over. */
export function loadPacks(folder: string, known: ReadonlyMap<string, Pack>, create: CreateFile): Map<string, Pack> {
  const packs = new Map<string, Pack>();
  for (const file of namesIn(folder)) {
    const [, name] = /^([0-9a-f]{64})\.pack$/.exec(file) ?? [];
    if (name === undefined) continue;
    const path = join(folder, file);
    const pack = known.get(name) ?? loadPack(name, path, create);
    if (pack !== undefined) packs.set(name, pack);
  }
  return packs;
}

/** Another one whenever packs came or went. */
export function versionOf(folder: string): string {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return 'none';
  // What changed a moment ago may change again without its time telling.
  return Date.now() - stat.mtimeMs < SETTLED ? `${performance.now()}` : `${stat.ino} ${stat.mtimeMs}`;
}

const SETTLED = 100;

/** The objects of a pack, from its own end. */
export function readPackEnd(path: string): PackedObject[] | undefined {
  return withPack(path, (fd) =>
    decodePackEnd(`The pack ${path}`, fstatSync(fd).size, (at, length) => readAt(fd, at, length)),
  );
}

/** The objects of a pack in their places, as it says itself; as its index says where its own end is damaged. */
export function objectsIn({ path, index }: Pack): readonly PackedObject[] {
  const objects = soundEnd(path) ?? [...index.objects()];
  return objects.sort((a, b) => a.offset - b.offset);
}

/** Whether a pack and the index beside it are what they should be, and say the same. Objects are not looked at. */
export function isSoundPack({ path, index }: Pack): boolean {
  const objects = soundEnd(path);
  return objects !== undefined && index.isOf(objects);
}

function soundEnd(path: string): PackedObject[] | undefined {
  try {
    return readPackEnd(path);
  } catch (error) {
    if (!(error instanceof MlopsError) || error.kind !== 'damaged') throw error;
    return undefined;
  }
}

function loadPack(name: string, path: string, create: CreateFile): Pack | undefined {
  const file = indexPathOf(path);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return undefined;
  try {
    return { name, path, size, index: new PackIndex(readFileSync(file), `The index ${file}`) };
  } catch (error) {
    if (!isMissing(error) && !(error instanceof MlopsError)) throw error;
  }
  try {
    const objects = readPackEnd(path);
    return objects && { name, path, size, index: writePackIndex(path, objects, create) };
  } catch (error) {
    if (!(error instanceof MlopsError) || error.kind !== 'damaged') throw error;
    // Without either index nothing can be found in it.
    quarantine(dirname(dirname(path)), digestFromHex(name), path);
    return undefined;
  }
}

function writePackIndex(pack: string, objects: readonly PackedObject[], create: CreateFile): PackIndex {
  const bytes = encodePackIndex(objects);
  let unnamed: string | null = null;
  try {
    const [temporary, fd] = create();
    unnamed = temporary;
    try {
      writeAll(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, indexPathOf(pack));
    unnamed = null;
  } catch (error) {
    // Somebody else's cache, or a full disk: the index is a copy, and is in memory.
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    if (unnamed !== null) rmSync(unnamed, { force: true });
  }
  return new PackIndex(bytes, `The index of ${pack}`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
