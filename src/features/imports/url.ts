import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { interruption, MlopsError } from '../../core/errors.ts';
import type { LockedPath } from '../../core/lockfile.ts';
import type { ValueMap } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { openRemoteAt } from '../../project/remote-of.ts';
import { fileError } from '../../system/file-error.ts';
import type { AddResult } from '../data/add/add.ts';
import { addCopy, inPlaceOf, refusePlace } from '../data/add/copy-in.ts';
import { projectPathOf } from '../data/select.ts';
import { arrive, resultOf } from './import.ts';
import { placeFor } from './paths.ts';

/** What `import-url` was asked: a URL or a path outside the project, and where it goes; as typed. */
export interface ImportUrlRequest {
  readonly url: string;
  readonly out: string | null;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Tracks what a URL (http, https, s3) or a path holds, with the word of the server for its version. */
export async function importUrl(project: Project, { url, out, force, dryRun }: ImportUrlRequest): Promise<AddResult> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1]?.toLowerCase() ?? 'file';
  if (!['http', 'https', 's3', 'file'].includes(scheme)) {
    throw new MlopsError('usage', `Nothing can be imported from ${scheme}:// URLs.`, {
      hint: 'http://, https://, s3:// and paths can be imported.',
    });
  }
  const place = placeFor(project.cwd, out, nameIn(url));
  if (scheme === 'file') return copyFrom(project, url.replace(/^file:\/\//i, ''), { place, force, dryRun });
  const path = projectPathOf(place, project);
  await refusePlace(project, path, force);
  const fetched = await fetchUrl(project, url, null);
  if (fetched === null) throw new Error(`${url} was asked for without a condition, and not answered.`);
  const arrival = { path, ...fetched };
  if (dryRun) return resultOf([arrival], []);
  return resultOf([arrival], await inPlaceOf(project, path, () => arrive(project, arrival, true)));
}

/** What a URL has, put into the cache, and what to ask with next time; null when it is what it was (`known`). */
export async function fetchUrl(
  project: Project,
  url: string,
  known: ValueMap | null,
): Promise<{ locked: LockedPath; from: ValueMap } | null> {
  if (/^s3:/i.test(url)) return fetchFromS3(project, url, known);
  if (!/^https?:/i.test(url)) {
    throw new MlopsError('usage', `${url} is a path on one machine, and is not followed.`, {
      hint: 'Import it again: mlops import-url --force <path> <out>',
    });
  }
  const condition: Record<string, string> =
    typeof known?.['etag'] === 'string' ? { 'if-none-match': known['etag'] } : {};
  const response = await ask(project, url, condition);
  if (response.status === 304) return null;
  if (!response.ok || response.body === null) throw refusedBy(url, response);
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  const length = response.headers.get('content-encoding') === null ? response.headers.get('content-length') : null;
  const locked = await store(project, url, body, length === null ? null : Number(length));
  const etag = response.headers.get('etag');
  const modified = response.headers.get('last-modified');
  return {
    locked,
    from: { url, ...(etag === null ? {} : { etag }), ...(etag !== null || modified === null ? {} : { modified }) },
  };
}

async function fetchFromS3(project: Project, url: string, known: ValueMap | null) {
  const remote = await openRemoteAt(project, 'import-url', { url: dirname(url) });
  try {
    const key = basename(url);
    const entry = await remote.head(key);
    if (entry === undefined)
      throw new MlopsError('data-missing', `There is no ${url}.`, { hint: 'See to the bucket and the key.' });
    const from = { url, modified: new Date(entry.modified).toISOString(), size: BigInt(entry.size) };
    if (known !== null && known['modified'] === from.modified && known['size'] === from.size) return null;
    return { locked: await store(project, url, await remote.get(key), entry.size), from };
  } finally {
    remote.close();
  }
}

async function ask({ signal }: Project, url: string, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers: { ...headers, 'accept-encoding': 'identity' }, redirect: 'follow', signal });
  } catch (error) {
    if (signal.aborted) throw interruption(signal.reason);
    const { cause } = error as { cause?: { code?: string; message?: string } };
    const why = cause?.code ?? cause?.message ?? (error as Error).message;
    throw new MlopsError('remote-unavailable', `${url} cannot be reached: ${why}.`, {
      cause: error,
      hint: 'See to the URL, the network and the proxy.',
    });
  }
}

/** Bytes that come in go to a file first: their digest is known when the last of them is there. */
async function store(project: Project, url: string, body: Readable, length: number | null): Promise<LockedPath> {
  const { layout, report, signal } = project;
  const file = join(layout.tmp, `${process.pid}.${randomUUID()}`);
  mkdirSync(layout.tmp, { recursive: true });
  let bytes = 0;
  body.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    report({ type: 'progress', phase: 'fetch', done: 0, total: 1, bytes, totalBytes: length });
  });
  try {
    await pipeline(body, createWriteStream(file), { signal });
    if (length !== null && statSync(file).size !== length) {
      throw new MlopsError('remote-unavailable', `${url} broke off after ${bytes} of ${length} bytes.`, {
        hint: 'Try again.',
      });
    }
    const { digest, size } = (await project.cache()).putFile(file);
    return { kind: 'file', digest, size, executable: false };
  } catch (error) {
    if (signal.aborted) throw interruption(signal.reason);
    if (error instanceof MlopsError) throw error;
    throw fileError(error, `download ${url}`);
  } finally {
    rmSync(file, { force: true });
  }
}

async function copyFrom(
  project: Project,
  from: string,
  { place, force, dryRun }: { place: string; force: boolean; dryRun: boolean },
): Promise<AddResult> {
  const result = await addCopy(project, { paths: [from], out: place, force, dryRun });
  if (dryRun) return result;
  const path = projectPathOf(place, project);
  await project.updateLockfile((current) => {
    const entry = current.data[path];
    return entry === undefined
      ? current
      : { ...current, data: { ...current.data, [path]: { ...entry, from: { url: from } } } };
  });
  return result;
}

function refusedBy(url: string, { status, statusText }: Response): MlopsError {
  const kind = status === 404 || status === 410 ? 'data-missing' : 'remote-unavailable';
  return new MlopsError(kind, `${url} answered ${status} ${statusText}.`.replace(' .', '.'), {
    hint:
      status === 401 || status === 403
        ? 'It wants to know who asks: download it by hand, then mlops add'
        : 'See to the URL.',
  });
}

function nameIn(url: string): string {
  const path =
    /^[a-z][a-z0-9+.-]+:\/\//i.test(url) && URL.canParse(url) ? decodeURIComponent(new URL(url).pathname) : url;
  return posix.basename(path.replaceAll('\\', '/'));
}
