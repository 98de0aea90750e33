import type { Remote, RemoteEntry } from './remote.ts';

/** Where a remote says what it holds, for readers that cannot list it. A hint: each push renews it where the settings of the remote say so. */
export const LISTING = 'v1/listing';

/** Writes down what a remote holds now, which costs one look at all its keys. */
export async function publishListing(remote: Remote): Promise<void> {
  const entries: RemoteEntry[] = [];
  for await (const entry of remote.list('v1/')) if (entry.key !== LISTING) entries.push(entry);
  await remote.put(LISTING, { type: 'bytes', bytes: Buffer.from(encodeListing(entries)) }, 'always');
}

/** The listing as a text: a line for each key, with its size and its time in milliseconds since 1970 before it. */
export function encodeListing(entries: readonly RemoteEntry[]): string {
  return entries.map(({ key, size, modified }) => `${size} ${modified} ${key}\n`).join('');
}

/** The entries of a listing; lines that are none are left out. */
export function decodeListing(text: string): RemoteEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, size = '', modified = '', key = ''] = /^(\d+) (\d+) (v1\/\S+)$/.exec(line) ?? [];
    return key === '' ? [] : [{ key, size: Number(size), modified: Number(modified) }];
  });
}
