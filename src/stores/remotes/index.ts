import { MlopsError } from '../../core/errors.ts';
import { folderRemote } from './folder.ts';
import { httpRemote } from './http.ts';
import { memoryRemote } from './memory.ts';
import type { Remote, RemoteOptions, RemoteType } from './remote.ts';
import { type Patience, PATIENT, retrying } from './retry.ts';
import { s3Remote } from './s3.ts';

/** Every kind of remote. To add one, write its file and name it here. */
const remoteTypes: readonly RemoteType[] = [s3Remote, folderRemote, httpRemote, memoryRemote];

/** Opens a remote by its URL. What passes by itself (a reset, a 503) is tried again before anyone hears of it. */
export async function openRemote(url: string, options: RemoteOptions, patience: Patience = PATIENT): Promise<Remote> {
  return retrying(await typeOf(url).open(url, options), patience);
}

/** Fails with `usage` for a URL that no kind of remote understands. Touches no network and no disk. */
export function checkRemoteUrl(url: string): void {
  const problem = typeOf(url).problemOf(url);
  if (problem !== null) throw new MlopsError('usage', problem, { hint: `A remote is ${knownUrls()}.` });
}

/** The scheme of a URL with its colon; `file:` for a plain path. */
export function schemeOf(url: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1];
  return scheme === undefined ? 'file:' : `${scheme.toLowerCase()}:`;
}

function typeOf(url: string): RemoteType {
  const scheme = schemeOf(url);
  const type = remoteTypes.find(({ schemes }) => schemes.includes(scheme));
  if (type !== undefined) return type;
  throw new MlopsError('usage', `A remote cannot be at "${url}": ${scheme}// is not a kind of remote.`, {
    hint: `A remote is ${knownUrls()}.`,
  });
}

function knownUrls(): string {
  return remoteTypes.flatMap(({ example }) => example ?? []).join(', or ');
}
