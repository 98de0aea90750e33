/** The address of an object: the BLAKE3-256 of its bytes in lower-case hex, as `b3sum` prints it, behind the algorithm's name. */
export type Digest = `blake3:${string}`;

const DIGEST = /^blake3:[0-9a-f]{64}$/;

/** Whether a text is a digest in its one valid spelling. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && DIGEST.test(text);
}

/** The digest whose 32 bytes are written as 64 hex characters. */
export function digestFromHex(hex: string): Digest {
  return `blake3:${hex}`;
}

/** The 64 hex characters of a digest, without the algorithm's name: what file names are made of. */
export function hexOf(digest: Digest): string {
  return digest.slice('blake3:'.length);
}

/** The first 8 hex characters: enough for a person to tell two digests apart. */
export function shortDigest(digest: Digest): string {
  return hexOf(digest).slice(0, 8);
}
