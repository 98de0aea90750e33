import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import type { Remote, RemoteOptions } from '../../../src/stores/remotes/remote.ts';
import { PATIENT } from '../../../src/stores/remotes/retry.ts';
import { describeRemote } from '../../contracts/remote.ts';
import { remoteOptions } from '../../support/remote-options.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { type S3Server, s3Missing, startS3Server } from '../../support/s3-server.ts';
import { createFolder } from '../../support/sandbox.ts';

const BYTES = { type: 'bytes' as const, bytes: Buffer.from('body mass') };
const HURRIED = { ...PATIENT, wait: async () => {} };

describe.skipIf(s3Missing !== null)('against a real server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  const open = (url: string, options: Partial<RemoteOptions> = {}) =>
    openRemote(url, server.options({ name: 'origin', ...options }), HURRIED);

  describeRemote('s3', () => open(server.url(randomUUID())));
  describeRemote('s3 at the top of a bucket', async () => {
    const remote = await open(`s3://${server.bucket}`);
    const keys: string[] = [];
    for await (const { key } of remote.list('')) keys.push(key);
    await remote.delete(keys);
    return remote;
  });

  test('a large file goes up in parts and comes back the same', { timeout: 120_000 }, async () => {
    const remote = await open(server.url('parts'));
    const path = join(await createFolder(), 'weights.bin');
    const size = (64 << 20) + 12_345;
    const content = randomBytes(size);
    writeFileSync(path, content);

    const before = remote.requests;
    expect(await remote.put('v1/objects/aa/01', { type: 'file', path, size }, 'if-absent')).toBe(true);
    // Its presence (twice: the bucket had not been seen), whether it was begun, the beginning, five parts, the end.
    expect(remote.requests - before).toBe(10);
    expect((await buffer(await remote.get('v1/objects/aa/01'))).equals(content)).toBe(true);
    expect(await remote.put('v1/objects/aa/01', { type: 'file', path, size }, 'if-absent')).toBe(false);
  });

  test('an upload that was cut off goes on, from wherever', { timeout: 120_000 }, async () => {
    const path = join(await createFolder(), 'weights.bin');
    const size = (64 << 20) + 12_345;
    const content = randomBytes(size);
    writeFileSync(path, content);
    const proxy = await startFaultProxy(server.endpoint, ({ method, time }) =>
      method === 'PUT' && time > 3 ? 'expired' : null,
    );
    onTestFinished(() => proxy.stop());
    const cut = await openRemote(server.url('resumed'), server.options({ endpoint: proxy.endpoint }));
    onTestFinished(() => cut.close());
    await expect(cut.put('v1/objects/aa/01', { type: 'file', path, size }, 'if-absent')).rejects.toThrow(
      /ExpiredToken/,
    );

    const remote = await open(server.url('resumed'));
    const before = remote.requests;
    expect(await remote.put('v1/objects/aa/01', { type: 'file', path, size }, 'if-absent')).toBe(true);
    // Its presence (twice), what was begun, its parts, those that are missing, the end; not all five are.
    expect(remote.requests - before).toBeLessThan(2 + 1 + 1 + 5 + 1);
    expect((await buffer(await remote.get('v1/objects/aa/01'))).equals(content)).toBe(true);
  });

  test('of an upload that was cut off, parts of another content are sent again', { timeout: 120_000 }, async () => {
    const folder = await createFolder();
    const [first, second] = [join(folder, 'first.bin'), join(folder, 'second.bin')];
    const size = (64 << 20) + 7;
    writeFileSync(first, randomBytes(size));
    const content = randomBytes(size);
    writeFileSync(second, content);
    const proxy = await startFaultProxy(server.endpoint, ({ method, time }) =>
      method === 'PUT' && time > 3 ? 'expired' : null,
    );
    onTestFinished(() => proxy.stop());
    const cut = await openRemote(server.url('other'), server.options({ endpoint: proxy.endpoint }));
    onTestFinished(() => cut.close());
    await expect(cut.put('v1/objects/aa/01', { type: 'file', path: first, size }, 'if-absent')).rejects.toThrow(
      /ended/,
    );
    const remote = await open(server.url('other'));
    expect(await remote.put('v1/objects/aa/01', { type: 'file', path: second, size }, 'if-absent')).toBe(true);
    expect((await buffer(await remote.get('v1/objects/aa/01'))).equals(content)).toBe(true);
  });

  test('a list of more than a page is whole', { timeout: 120_000 }, async () => {
    const remote = await open(server.url('pages'));
    const keys = Array.from({ length: 1_050 }, (_, at) => `v1/objects/${String(at).padStart(5, '0')}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => remote.put(key, BYTES, 'always')));
    }
    const before = remote.requests;
    const found: string[] = [];
    for await (const { key } of remote.list('v1/objects/')) found.push(key);
    expect(found).toEqual(keys);
    expect(remote.requests - before).toBe(2);
  });

  const failures: readonly [string, string, Partial<RemoteOptions>, RegExp, RegExp][] = [
    [
      'a bucket that does not exist',
      's3://no-such-bucket/iris',
      {},
      /There is no bucket "no-such-bucket" at http:\/\/127/,
      /aws s3 mb s3:\/\/no-such-bucket/,
    ],
    [
      'an access key that the server does not know',
      's3://penguins/iris',
      { env: { AWS_ACCESS_KEY_ID: 'NOBODY', AWS_SECRET_ACCESS_KEY: 'x' } },
      /does not know the access key NOBODY from AWS_ACCESS_KEY_ID/,
      /AWS_PROFILE/,
    ],
    [
      'a secret that does not belong to the access key',
      's3://penguins/iris',
      { env: { AWS_ACCESS_KEY_ID: 'ADELIE', AWS_SECRET_ACCESS_KEY: 'wrong' } },
      /secret does not belong to the access key ADELIE/,
      /AWS_SECRET_ACCESS_KEY/,
    ],
    ['a wrong region', 's3://penguins/iris', { region: 'eu-west-1' }, /not in region eu-west-1/, /region of "origin"/],
    ['no right to read', 's3://penguins/iris', { anonymous: true, env: {} }, /Access denied: .*anonymous/, /s3:/],
    [
      'a port on which nobody listens',
      's3://penguins/iris',
      { endpoint: 'http://127.0.0.1:9' },
      /127.0.0.1:9 cannot be reached \(ECONNREFUSED\)/,
      /endpoint/,
    ],
    [
      'a host without an address',
      's3://penguins/iris',
      { endpoint: 'http://no-such-host.invalid' },
      /no address/,
      /endpoint/,
    ],
  ];

  test.each(failures)('%s is told by every request', async (_, url, options, message, hint) => {
    const remote = await open(url, options);
    const told = {
      kind: 'remote-unavailable',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    };
    await expect(remote.head('v1/objects/aa/01')).rejects.toMatchObject(told);
    await expect(remote.get('v1/objects/aa/01')).rejects.toMatchObject(told);
    await expect(remote.put('v1/objects/aa/01', BYTES, 'if-absent')).rejects.toMatchObject(told);
    await expect(firstOf(remote)).rejects.toMatchObject(told);
  });

  test('no message and no hint ever shows a secret', async () => {
    const remote = await open(server.url('x'), {
      env: { AWS_ACCESS_KEY_ID: 'ADELIE', AWS_SECRET_ACCESS_KEY: 'hush-hush' },
    });
    const error = await firstOf(remote).catch((caught: unknown) => caught);
    expect(JSON.stringify([error, String(error)])).not.toContain('hush-hush');
  });
});

/** The first key of a remote: one request. */
async function firstOf(remote: Remote): Promise<unknown> {
  return remote.list('')[Symbol.asyncIterator]().next();
}

/** A server that answers as told, for what no real one does on request. */
async function answering(listener: RequestListener): Promise<RemoteOptions> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return remoteOptions({
    endpoint: `http://127.0.0.1:${port}`,
    env: { AWS_ACCESS_KEY_ID: 'ADELIE', AWS_SECRET_ACCESS_KEY: 'x' },
  });
}

const EMPTY_LIST = '<ListBucketResult><Name>penguins</Name></ListBucketResult>';
const refusal = (code: string, message = 'no') =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

test.each([
  ['RequestTimeTooSkewed', 403, /clock of this machine/],
  ['ExpiredToken', 400, /session of the access key ADELIE from AWS_ACCESS_KEY_ID has ended/],
  ['AccessDenied', 403, /Access denied: ListObjectsV2 on s3:\/\/penguins\/iris/],
  ['PermanentRedirect', 301, /not in region us-east-1/],
  ['SlowDown', 503, /cut off \(SlowDown\), 5 times in a row/],
  ['InternalError', 500, /cut off \(InternalError\), 5 times in a row/],
  ['SomethingNew', 400, /refused \(SomethingNew\): no/],
])('the code %s with status %i is explained', async (code, status, message) => {
  const options = await answering((_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' }).end(refusal(code));
  });
  const remote = await openRemote('s3://penguins/iris', options, HURRIED);
  await expect(firstOf(remote)).rejects.toMatchObject({
    kind: 'remote-unavailable',
    message: expect.stringMatching(message),
    hint: expect.any(String),
  });
});

test.each([407, 200, 502])('a proxy that answers with a web page and status %i is told apart', async (status) => {
  const options = await answering((request, response) => {
    const page = '<html><body>Sign in</body></html>';
    request.resume().on('end', () => response.writeHead(status, { 'content-type': 'text/html' }).end(page));
  });
  const remote = await openRemote('s3://penguins/iris', options, HURRIED);
  const told = { kind: 'remote-unavailable', message: expect.stringContaining(String(status)) };
  await expect(firstOf(remote)).rejects.toMatchObject(told);
  await expect(remote.head('v1/objects/aa/01')).rejects.toMatchObject(told);
  await expect(remote.put('v1/objects/aa/01', BYTES, 'if-absent')).rejects.toMatchObject(told);
});

test('a server that does not know conditional puts is asked first instead', async () => {
  const seen: string[] = [];
  const options = await answering((request, response) => {
    const { method } = request;
    const conditional = request.headers['if-none-match'] !== undefined;
    seen.push(`${method}${conditional ? ' if-none-match' : ''}`);
    request.resume().on('end', () => {
      if (conditional) response.writeHead(501).end(refusal('NotImplemented'));
      else if (method === 'HEAD') response.writeHead(404).end();
      else if (method === 'GET') response.writeHead(200).end(EMPTY_LIST);
      else response.writeHead(200, { etag: '"1"' }).end();
    });
  });
  const remote = await openRemote('s3://penguins/iris', options, HURRIED);
  expect(await remote.put('v1/objects/aa/01', BYTES, 'if-absent')).toBe(true);
  expect(await remote.put('v1/objects/aa/02', BYTES, 'if-absent')).toBe(true);
  expect(seen).toEqual(['PUT if-none-match', 'HEAD', 'GET', 'PUT', 'HEAD', 'PUT']);
});

test('an upload says its checksum, its encryption and its access', async () => {
  let headers: NodeJS.Dict<string | string[]> = {};
  const options = await answering((request, response) => {
    headers = request.headers;
    request.resume().on('end', () => response.writeHead(200, { etag: '"1"' }).end());
  });
  const remote = await openRemote(
    's3://penguins',
    { ...options, kmsKey: 'team-key', acl: 'bucket-owner-full-control' },
    HURRIED,
  );
  await remote.put('v1/objects/aa/01', BYTES, 'always');
  expect(headers).toMatchObject({
    'x-amz-checksum-crc32': expect.stringMatching(/^.{6}==$/),
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'team-key',
    'x-amz-acl': 'bucket-owner-full-control',
  });
});
