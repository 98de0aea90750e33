import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { type Digest, digestFromHex, hexOf, isDigest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { digestOf } from '../../system/hash.ts';
import type { Remote, RemoteEntry } from './remote.ts';

/** What the keys of notes begin with, each of what a collection is about to delete. */
export const DELETING = 'v1/deleting/';

/** A note of a collection: what it is about to delete, unless somebody comes to need it. */
export interface Note {
  readonly id: string;
  /** When it was written, as the remote's clock has it. */
  readonly modified: number;
  readonly digests: ReadonlySet<Digest>;
}

/** Writes a note. Two collections that are about to delete the same write the same. */
export async function writeNote(remote: Remote, digests: Iterable<Digest>): Promise<Note> {
  const sorted = [...new Set(digests)].sort();
  const bytes = Buffer.from(sorted.map((digest) => `${hexOf(digest)}\n`).join(''));
  const id = hexOf(digestOf(bytes)).slice(0, 16);
  const key = `${DELETING}${id}`;
  await remote.put(key, { type: 'bytes', bytes }, 'if-absent');
  const entry = await remote.head(key);
  if (entry !== undefined) return { id, modified: entry.modified, digests: new Set(sorted) };
  throw new MlopsError('failed', `${remote.url} does not have what was just written to it (${key}).`, {
    hint: 'Somebody else is collecting there: try again.',
  });
}

// While this is there, somebody is deleting: what was seen to be there may go yet.
const ACTIVE = `${DELETING}active-`;

/** Does the deleting. Whoever puts something meanwhile that a note names looks again when this is over. */
export async function whileDeleting<T>(remote: Remote, work: () => Promise<T>): Promise<T> {
  const key = `${ACTIVE}${randomUUID()}`;
  await remote.put(key, { type: 'bytes', bytes: Buffer.from('\n') }, 'always');
  try {
    return await work();
  } finally {
    await remote.delete([key]);
  }
}

/** Whether a list of keys shows that somebody is deleting. */
export function isBeingDeleted(entries: readonly RemoteEntry[]): boolean {
  return entries.some(({ key }) => key.startsWith(ACTIVE));
}

/** The keys of those who began to delete before a moment, and surely ended without a word. */
export function abandoned(entries: readonly RemoteEntry[], before: number): string[] {
  return entries.flatMap(({ key, modified }) => (key.startsWith(ACTIVE) && modified < before ? [key] : []));
}

/** Reads the notes that were listed. One that is gone meanwhile, or is none, names nothing. */
export async function readNotes(remote: Remote, entries: readonly RemoteEntry[]): Promise<Note[]> {
  const notes: Note[] = [];
  for (const { key, modified } of entries) {
    if (key.startsWith(ACTIVE)) continue;
    try {
      const lines = (await text(await remote.get(key))).split('\n');
      const digests = lines.flatMap((line) => (/^[0-9a-f]{64}$/.test(line) ? [digestFromHex(line)] : []));
      notes.push({ id: key.slice(DELETING.length), modified, digests: new Set(digests.filter(isDigest)) });
    } catch (error) {
      if (!(error instanceof MlopsError) || error.kind !== 'data-missing') throw error;
    }
  }
  return notes;
}

/** For each object that a note names, when the last of them was written. */
export function momentsOf(notes: readonly Note[]): Map<Digest, number> {
  const moments = new Map<Digest, number>();
  for (const { digests, modified } of notes) {
    for (const digest of digests) moments.set(digest, Math.max(modified, moments.get(digest) ?? 0));
  }
  return moments;
}

// Some servers tell the time to the second: what is so close to a note may have come after it.
const COARSEST = 1000;

/** Whether a copy that was put at a time goes by a note of a moment. Both a push and a collection ask this. */
export function isCondemned(moment: number | undefined, modified: number): boolean {
  return moment !== undefined && modified <= moment - COARSEST;
}
