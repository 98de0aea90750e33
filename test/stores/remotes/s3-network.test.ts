import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import type { Remote, RemoteOptions } from '../../../src/stores/remotes/remote.ts';
import { PATIENT } from '../../../src/stores/remotes/retry.ts';
import { makeCertificate, startConnectProxy, startFront } from '../../support/s3-front.ts';
import { type S3Server, s3Missing, startS3Server } from '../../support/s3-server.ts';
import { createFolder } from '../../support/sandbox.ts';

const BYTES = { type: 'bytes' as const, bytes: Buffer.from('body mass') };

describe.skipIf(s3Missing !== null)('the way to a server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  const open = (endpoint: string, env: RemoteOptions['env'], more: Partial<RemoteOptions> = {}) => {
    const options = server.options({ endpoint, env: { ...server.env, ...env }, ...more });
    return openRemote(server.url('network'), options, { ...PATIENT, wait: async () => {} });
  };

  test('a certificate of an authority of your own is trusted once it is named', async () => {
    const certificate = await makeCertificate();
    const { endpoint } = await startFront(server.endpoint, undefined, certificate);
    await expect(works(await open(endpoint, {}))).rejects.toMatchObject({
      kind: 'remote-unavailable',
      message: expect.stringMatching(/^The certificate of https:\/\/127.0.0.1:\d+ cannot be trusted \(/),
      hint: expect.stringContaining('AWS_CA_BUNDLE=/path/ca.pem'),
    });
    await works(await open(endpoint, { AWS_CA_BUNDLE: certificate.path }));
    await works(await open(endpoint, {}, { caFile: certificate.path }));
    await works(await open(endpoint, {}, { caFile: 'cert.pem', root: join(certificate.path, '..') }));
  });

  test('a file of certificates that is not there, or holds none, is named', async () => {
    const empty = join(await createFolder(), 'empty.pem');
    writeFileSync(empty, '');
    const told = (message: RegExp) => ({ kind: 'usage', message: expect.stringMatching(message) });
    await expect(open(server.endpoint, {}, { caFile: '/no/such.pem' })).rejects.toMatchObject(told(/caFile.*no\/such/));
    await expect(open(server.endpoint, { AWS_CA_BUNDLE: empty })).rejects.toMatchObject(told(/empty.*no certificate/));
  });

  test('a proxy of the environment is gone through, with and without TLS behind it', async () => {
    const certificate = await makeCertificate();
    const { endpoint } = await startFront(server.endpoint, undefined, certificate);
    const proxy = await startConnectProxy();
    const withUser = proxy.url.replace('//', '//ada:p%40ss@');
    await works(await open(endpoint, { HTTPS_PROXY: withUser, AWS_CA_BUNDLE: certificate.path }));
    await works(await open(server.endpoint, { HTTP_PROXY: proxy.url }));
    const authorization = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`;
    expect(proxy.asked[0]).toEqual({ to: endpoint.replace('https://', ''), authorization });
    expect(proxy.asked.at(-1)).toEqual({ to: server.endpoint.replace('http://', ''), authorization: undefined });
  });

  test('a host that is excepted from the proxy is asked directly', async () => {
    await works(await open(server.endpoint, { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'localhost,127.0.0.1' }));
  });

  test.each([
    [407, /wants to know who asks/],
    [403, /NO_PROXY/],
  ])('a proxy that answers with a web page and status %i is told apart', async (status, hint) => {
    const proxy = await startConnectProxy(status);
    await expect(works(await open(server.endpoint, { HTTP_PROXY: proxy.url }))).rejects.toMatchObject({
      kind: 'remote-unavailable',
      message: expect.stringContaining(`The proxy ${proxy.url} does not let through`),
      hint: expect.stringMatching(hint),
    });
  });

  test('a proxy that is not there is named, and its password is not', async () => {
    const error = await works(await open(server.endpoint, { HTTP_PROXY: 'http://ada:hush@127.0.0.1:9' })).catch(String);
    expect(error).toMatch(/cannot be reached through the proxy http:\/\/127.0.0.1:9 \(ECONNREFUSED\)/);
    expect(error).not.toContain('hush');
  });

  test('a proxy of another kind is refused by name', async () => {
    await expect(open(server.endpoint, { ALL_PROXY: 'socks5://127.0.0.1:9' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('socks5://127.0.0.1:9'),
    });
  });
});

async function works(remote: Remote): Promise<void> {
  await remote.put('v1/objects/aa/01', BYTES, 'always');
  expect(await remote.head('v1/objects/aa/01')).toMatchObject({ size: 9 });
  remote.close();
}
