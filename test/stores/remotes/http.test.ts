import { createReadStream, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import { encodeListing } from '../../../src/stores/remotes/listing.ts';
import type { RemoteEntry } from '../../../src/stores/remotes/remote.ts';
import { PATIENT } from '../../../src/stores/remotes/retry.ts';
import { remoteOptions } from '../../support/remote-options.ts';
import { createFolder } from '../../support/sandbox.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A web server over a folder, and a remote that reads it. `answer` may answer in its place. */
async function serve(files: Record<string, string>, answer: Answer = () => false, { ranges = true } = {}) {
  const folder = await createFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const server = createServer((request, response) => {
    if (answer(request, response)) return;
    const file = join(folder, request.url ?? '');
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return void response.writeHead(404).end();
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined || !ranges) {
      response.writeHead(200, { 'content-length': stat.size, 'last-modified': stat.mtime.toUTCString() });
      return void (request.method === 'HEAD' ? response.end() : createReadStream(file).pipe(response));
    }
    if (Number(from) >= stat.size) return void response.writeHead(416).end();
    response.writeHead(206);
    createReadStream(file, { start: Number(from), ...(to ? { end: Number(to) } : {}) }).pipe(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const remote = await openRemote(url, remoteOptions(), { ...PATIENT, wait: async () => undefined });
  onTestFinished(() => remote.close());
  return remote;
}

async function listed(entries: AsyncIterable<RemoteEntry>): Promise<RemoteEntry[]> {
  const all: RemoteEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

const OBJECT = 'v1/objects/aa/01';

describe.each([{ ranges: true }, { ranges: false }])('a web server (ranges: $ranges)', (kind) => {
  test('gives what it has, whole and in parts, and nothing beyond the end', async () => {
    const remote = await serve({ [OBJECT]: '0123456789' }, undefined, kind);
    const part = async (offset: number, length: number) => text(await remote.get(OBJECT, { offset, length }));
    expect(await text(await remote.get(OBJECT))).toBe('0123456789');
    expect(await part(2, 3)).toBe('234');
    expect(await part(8, 100)).toBe('89');
    expect(await part(7, Number.MAX_SAFE_INTEGER)).toBe('789');
    expect(await part(10, 5)).toBe('');
    expect(await remote.head(OBJECT)).toMatchObject({ key: OBJECT, size: 10 });
  });
});

test('says of an absent key that it is absent', async () => {
  const remote = await serve({});
  expect(await remote.head(OBJECT)).toBeUndefined();
  await expect(remote.get(OBJECT)).rejects.toMatchObject({ kind: 'data-missing' });
});

test('lists by the hint that a push left there, and asks for it once', async () => {
  const entries = [OBJECT, 'v1/idx/bb.idx'].map((key) => ({ key, size: 3, modified: 5 }));
  const remote = await serve({ 'v1/listing': `${encodeListing(entries)}../evil\n12 no\n` });
  const keys = async (prefix: string) => (await listed(remote.list(prefix))).map(({ key }) => key);
  expect(await keys('v1/objects/')).toEqual([OBJECT]);
  expect(await keys('v1/')).toEqual([OBJECT, 'v1/idx/bb.idx']);
  expect(remote.requests).toBe(1);
});

test('tries again what may pass, and goes on with a download that broke off', async () => {
  let asked = 0;
  const remote = await serve({ [OBJECT]: '0123456789' }, (request, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(503).end();
    else if (asked === 2) {
      response.writeHead(200, { 'content-length': 10 });
      response.write('0123', () => request.socket.destroy());
    } else return false;
    return true;
  });
  expect(await text(await remote.get(OBJECT))).toBe('0123456789');
  expect(asked).toBe(3);
});

test.each([
  ['no listing', 'GET', 404, 'v1/listing'],
  ['no permission', 'GET', 403, 'wants to know who asks'],
  ['trouble', 'GET', 500, 'try again later'],
])('%s is told apart', async (_, __, status, message) => {
  const remote = await serve({}, (___, response) => Boolean(response.writeHead(status).end()));
  const error = await listed(remote.list('v1/')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'remote-unavailable' });
  expect(`${(error as Error).message} ${(error as { hint: string }).hint}`).toContain(message);
});

test('a web page in place of an object is told, and not kept', async () => {
  const remote = await serve({}, (_, response) =>
    Boolean(response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')),
  );
  await expect(remote.get(OBJECT)).rejects.toMatchObject({
    kind: 'remote-unavailable',
    message: expect.stringContaining('web page'),
  });
});

test('nothing can be written to it', async () => {
  const remote = await serve({});
  expect(remote.readOnly).toBe(true);
  const content = { type: 'bytes' as const, bytes: Buffer.from('x') };
  await expect(remote.put(OBJECT, content, 'if-absent')).rejects.toMatchObject({
    message: expect.stringContaining('only be read from'),
  });
  await expect(remote.delete([OBJECT])).rejects.toMatchObject({ kind: 'remote-unavailable' });
});
