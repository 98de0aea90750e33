import { type Digest, digestFromHex, hexOf, isDigest } from '../../core/digest.ts';

/** What the keys of all objects begin with. */
export const OBJECTS = 'v1/objects/';
/** What the keys of all packs begin with. */
export const PACKS = 'v1/packs/';
/** What the keys of the indexes of packs begin with. */
export const INDEXES = 'v1/idx/';

/** Where a remote keeps an object that is in no pack: `v1/objects/ab/cdef…`. */
export function keyOf(digest: Digest): string {
  const hex = hexOf(digest);
  return `${OBJECTS}${hex.slice(0, 2)}/${hex.slice(2)}`;
}

/** Where a remote keeps a pack, by its name. */
export function packKeyOf(name: string): string {
  return `${PACKS}${name}.pack`;
}

/** Where a remote keeps the index of a pack. A pack counts once its index is there. */
export function indexKeyOf(name: string): string {
  return `${INDEXES}${name}.idx`;
}

/** The name of the pack that a key of a pack or an index is for; undefined for any other key. */
export function packNameOf(key: string): string | undefined {
  return /^v1\/(?:packs\/([0-9a-f]{64})\.pack|idx\/([0-9a-f]{64})\.idx)$/.exec(key)?.slice(1).find(Boolean);
}

/** The digest that a key stands for; undefined for a key of anything else. */
export function digestOfKey(key: string): Digest | undefined {
  const digest = digestFromHex(key.slice(OBJECTS.length).replace('/', ''));
  return isDigest(digest) && keyOf(digest) === key ? digest : undefined;
}
