import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import type { Content, RemoteOptions } from '../../../src/stores/remotes/remote.ts';
import { PATIENT } from '../../../src/stores/remotes/retry.ts';
import { type Refusal, type SentRequest, startFront } from '../../support/s3-front.ts';
import { type S3Server, s3Missing, startS3Server } from '../../support/s3-server.ts';
import { createFolder } from '../../support/sandbox.ts';

const BYTES = { type: 'bytes' as const, bytes: Buffer.from('body mass') };
const KEY = 'v1/objects/aa/01';
const CUSTOMER_KEY = Buffer.alloc(32, 7).toString('base64');
const notImplemented = (message: string): Refusal => ({ status: 501, code: 'NotImplemented', message });

describe.skipIf(s3Missing !== null)('what is said to a server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  async function opened(options: Partial<RemoteOptions>, refuse?: (request: SentRequest) => Refusal | null) {
    const front = await startFront(server.endpoint, refuse);
    const given = server.options({ endpoint: front.endpoint, ...options });
    const url = server.url(randomBytes(4).toString('hex'));
    return { ...front, remote: await openRemote(url, given, { ...PATIENT, wait: async () => {} }) };
  }

  test.each([
    [{ sse: 'AES256' }, { 'x-amz-server-side-encryption': 'AES256' }],
    [
      { sse: 'aws:kms', kmsKey: 'alias/iris' },
      {
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'alias/iris',
      },
    ],
    [{ kmsKey: 'alias/iris' }, { 'x-amz-server-side-encryption': 'aws:kms' }],
    [{ acl: 'bucket-owner-full-control' }, { 'x-amz-acl': 'bucket-owner-full-control' }],
  ])('%j goes with every object, in one piece or in parts', async (options, headers) => {
    const { remote, sent } = await opened(options, ({ method }) =>
      method === 'POST' || method === 'PUT' ? notImplemented('enough seen') : null,
    );
    await remote.put(KEY, BYTES, 'always').catch(() => undefined);
    await remote.put(KEY, await fileOf(64 << 20), 'always').catch(() => undefined);
    expect(sent.find(({ method }) => method === 'PUT')?.headers).toMatchObject(headers);
    expect(sent.find(({ method, url }) => method === 'POST' && url.includes('uploads'))?.headers).toMatchObject(
      headers,
    );
  });

  test("a customer's key goes with all that reads or writes objects, and with nothing else", async () => {
    const { remote, sent } = await opened({ sseCustomerKey: CUSTOMER_KEY });
    await remote.put(KEY, BYTES, 'if-absent');
    await remote.put('v1/objects/aa/02', await fileOf(65 << 20), 'if-absent');
    await remote.head(KEY);
    expect(String(await buffer(await remote.get(KEY)))).toBe('body mass');
    await remote.list('')[Symbol.asyncIterator]().next();
    const md5 = createHash('md5').update(Buffer.alloc(32, 7)).digest('base64');
    const isOfObject = ({ url }: SentRequest) => url.includes('/v1/') && !url.includes('list-type');
    const ofObjects = sent.filter(isOfObject);
    expect(ofObjects.length).toBeGreaterThan(6);
    for (const { headers } of ofObjects) {
      expect(headers).toMatchObject({
        'x-amz-server-side-encryption-customer-algorithm': 'AES256',
        'x-amz-server-side-encryption-customer-key': CUSTOMER_KEY,
        'x-amz-server-side-encryption-customer-key-md5': md5,
      });
    }
    const others = sent.filter((one) => !isOfObject(one));
    expect(others.length).toBeGreaterThan(0);
    expect(JSON.stringify(others)).not.toContain('customer-key');
  });

  test("a customer's key that is none, and a second way of encryption, are refused by name", async () => {
    const told = (message: RegExp) => ({ kind: 'usage', message: expect.stringMatching(message) });
    await expect(opened({ sseCustomerKey: 'short' })).rejects.toMatchObject(told(/sseCustomerKey.*32 bytes in base64/));
    await expect(opened({ sseCustomerKey: CUSTOMER_KEY, sse: 'AES256' })).rejects.toMatchObject(told(/sse as well/));
  });

  test('who pays is said with every request', async () => {
    const { remote, sent } = await opened({ requestPayer: true });
    await remote.put(KEY, BYTES, 'if-absent');
    await remote.head(KEY);
    await (await remote.get(KEY)).toArray();
    for await (const { key } of remote.list('')) expect(key).toBe(KEY);
    await remote.delete([KEY]);
    expect(sent.map(({ method }) => method)).toEqual(['PUT', 'HEAD', 'GET', 'GET', 'POST']);
    for (const { headers } of sent) expect(headers).toMatchObject({ 'x-amz-request-payer': 'requester' });
  });

  test.each([
    ['NotImplemented', 501, 'A header you provided implies functionality that is not implemented.'],
    ['InvalidArgument', 400, "Unsupported header 'x-amz-sdk-checksum-algorithm' received for this API call."],
  ])('a server that refuses checksums with %s is sent MD5 in their place', async (code, status, message) => {
    const hasChecksum = ({ headers }: SentRequest) => Object.keys(headers).some((name) => /checksum/.test(name));
    const { remote, sent } = await opened({}, (one) => (hasChecksum(one) ? { status, code, message } : null));
    expect(await remote.put(KEY, BYTES, 'if-absent')).toBe(true);
    const file = await fileOf(9 << 20);
    expect(await remote.put('v1/objects/aa/02', file, 'if-absent')).toBe(true);
    await remote.delete([KEY]);
    expect(await remote.head(KEY)).toBeUndefined();
    const [small, large, deletion] = sent.filter((one) => !hasChecksum(one) && 'content-md5' in one.headers);
    expect(small?.headers).toMatchObject({ 'content-md5': createHash('md5').update('body mass').digest('base64') });
    expect(large?.headers['content-md5']).toMatch(/^.{22}==$/);
    expect(deletion?.method).toBe('POST');
  });

  test('a server that knows conditional puts of small objects alone is asked nothing twice for a large one', async () => {
    const { remote, sent } = await opened({}, ({ method, headers }) =>
      method === 'POST' && headers['if-none-match'] !== undefined ? notImplemented('If-None-Match') : null,
    );
    expect(await remote.put(KEY, await fileOf(65 << 20), 'if-absent')).toBe(true);
    expect(sent.filter(({ url }) => url.includes('partNumber')).length).toBe(5);
    expect(await remote.head(KEY)).toMatchObject({ size: 65 << 20 });
  });
});

async function fileOf(size: number): Promise<Content> {
  const path = join(await createFolder(), 'weights.bin');
  writeFileSync(path, Buffer.alloc(size, 'w'));
  return { type: 'file', path, size };
}
