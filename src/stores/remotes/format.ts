import { MlopsError } from '../../core/errors.ts';
import type { Remote } from './remote.ts';

/** What a version whose remotes this one cannot read leaves among the indexes, where every transfer looks: `v1/idx/format-2`. */
const MARKER = /^v1\/idx\/format-(\d+)$/;

/** Fails when a key says that the remote is of a format that came after this version. */
export function refuseMarker({ url }: Remote, key: string): void {
  const format = MARKER.exec(key)?.[1];
  if (format !== undefined && format !== '1') throw newerFormat(url, format);
}

/** Fails when a remote without indexes holds nothing of this format, but something of a later one. One request. */
export async function refuseNewerFormat(remote: Remote): Promise<void> {
  for await (const { key } of remote.list('v')) {
    const format = /^v(\d+)\//.exec(key)?.[1];
    // The oldest comes first.
    if (format === '1') return;
    if (format !== undefined) throw newerFormat(remote.url, format);
  }
}

function newerFormat(url: string, format: string): MlopsError {
  return new MlopsError(
    'remote-unavailable',
    `${url} is of format ${format}, which this version of mlops does not know.`,
    {
      hint: 'Bring mlops up to date: npm install -g mlops',
    },
  );
}
