import { type Digest, digestFromHex, hexOf, isDigest } from '../../core/digest.ts';

/** What the keys of all objects begin with. */
export const OBJECTS = 'v1/objects/';

/** Where a remote keeps an object: `v1/objects/ab/cdef…`. */
export function keyOf(digest: Digest): string {
  const hex = hexOf(digest);
  return `${OBJECTS}${hex.slice(0, 2)}/${hex.slice(2)}`;
}

/** The digest that a key stands for; undefined for a key of anything else. */
export function digestOfKey(key: string): Digest | undefined {
  const digest = digestFromHex(key.slice(OBJECTS.length).replace('/', ''));
  return isDigest(digest) && keyOf(digest) === key ? digest : undefined;
}
