import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GIT_ENV, createFolder } from '../../support/sandbox.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { makeCertificate, type SentRequest, standIn, startConnectProxy, startFront } from '../../support/s3-front.ts';
import { type S3Server, s3Missing, startS3Server } from '../../support/s3-server.ts';

/** A project with one tracked file and one remote. Returns what `push` says. */
async function pushTo(remote: string, env: Record<string, string> = {}) {
  const cwd = await createFolder();
  execFileSync('git', ['init', '-q', cwd], { env: GIT_ENV });
  await runMlops({ cwd }, 'init');
  writeFileSync(join(cwd, 'penguins.csv'), 'bill,flipper\n');
  await runMlops({ cwd }, 'add', 'penguins.csv');
  writeFileSync(join(cwd, '.mlops.yaml'), `remote: origin\nremotes:\n  origin: ${remote}\n`);
  return { cwd, ...(await runMlops({ cwd, env: { ...GIT_ENV, ...env } }, 'push')) };
}

/** A server that refuses one operation. */
const denying = (isDenied: (request: SentRequest) => boolean) => (request: SentRequest) =>
  isDenied(request) ? { status: 403, code: 'AccessDenied', message: 'Access Denied' } : null;

describe.skipIf(s3Missing !== null)('a remote that cannot be used', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  const at = (endpoint: string, more = '') =>
    `{ url: 's3://penguins/bad', endpoint: '${endpoint}', region: us-east-1${more} }`;

  const cases: readonly [string, () => Promise<{ remote: string; env?: Record<string, string> }>, RegExp, RegExp][] = [
    [
      'without a bucket',
      async () => ({ remote: `{ url: 's3://no-such-bucket/x', endpoint: '${server.endpoint}', region: us-east-1 }` }),
      /There is no bucket "no-such-bucket"/,
      /aws s3 mb s3:\/\/no-such-bucket/,
    ],
    [
      'with the wrong region',
      async () => ({ remote: `{ url: 's3://penguins/x', endpoint: '${server.endpoint}', region: eu-west-1 }` }),
      /not in region eu-west-1/,
      /Set the region/,
    ],
    [
      'with an unknown key',
      async () => ({ remote: at(server.endpoint), env: { AWS_ACCESS_KEY_ID: 'NOBODY' } }),
      /does not know the access key NOBODY/,
      /Correct the access key/,
    ],
    [
      'with a wrong secret',
      async () => ({ remote: at(server.endpoint), env: { AWS_SECRET_ACCESS_KEY: 'wrong' } }),
      /secret does not belong to the access key ADELIE/,
      /AWS_SECRET_ACCESS_KEY/,
    ],
    [
      'that may not be listed',
      async () => ({
        remote: at(
          (
            await startFront(
              server.endpoint,
              denying(({ url }) => url.includes('list-type')),
            )
          ).endpoint,
        ),
      }),
      /Access denied: ListObjectsV2 on s3:\/\/penguins\/bad\/v1\/.*with access key ADELIE/,
      /allowed to s3:ListBucket/,
    ],
    [
      'that may not be written to',
      async () => ({
        remote: at(
          (
            await startFront(
              server.endpoint,
              denying(({ method }) => method === 'PUT'),
            )
          ).endpoint,
        ),
      }),
      /Access denied: PutObject on s3:\/\/penguins\/bad\/v1\//,
      /allowed to s3:PutObject/,
    ],
    [
      'whose clock is another',
      async () => ({
        remote: at(
          await standIn(
            (_, response) => void response.writeHead(403).end('<Error><Code>RequestTimeTooSkewed</Code></Error>'),
          ),
        ),
      }),
      /clock of this machine.*too far apart/,
      /timedatectl/,
    ],
    [
      'whose certificate nobody knows',
      async () => ({ remote: at((await startFront(server.endpoint, undefined, await makeCertificate())).endpoint) }),
      /certificate of https:.*cannot be trusted/,
      /AWS_CA_BUNDLE/,
    ],
    [
      'behind a proxy that wants a password',
      async () => ({ remote: at(server.endpoint), env: { HTTP_PROXY: (await startConnectProxy(407)).url } }),
      /The proxy http:.* does not let through/,
      /wants to know who asks/,
    ],
    [
      'in whose place a web page answers',
      async () => ({
        remote: at(
          await standIn(
            (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
          ),
        ),
      }),
      /text that is not S3's: a proxy or a web page\?/,
      /Correct the endpoint/,
    ],
    [
      'where nobody listens',
      async () => ({ remote: at('http://127.0.0.1:9') }),
      /cannot be reached \(ECONNREFUSED\)/,
      /whether the server runs/,
    ],
    [
      'that is a folder of a later format',
      async () => {
        const folder = await createFolder();
        mkdirSync(join(folder, 'v2/objects'), { recursive: true });
        writeFileSync(join(folder, 'v2/objects/x'), '');
        return { remote: folder };
      },
      /is of format 2, which this version of mlops does not know/,
      /npm install -g mlops/,
    ],
    [
      'that says it is of a later format',
      async () => {
        const folder = await createFolder();
        mkdirSync(join(folder, 'v1/idx'), { recursive: true });
        writeFileSync(join(folder, 'v1/idx/format-3'), '');
        return { remote: folder };
      },
      /is of format 3/,
      /npm install -g mlops/,
    ],
  ];

  test.each(cases)('%s is told with its cause and the next step', async (_, make, cause, next) => {
    const { remote, env } = await make();
    const { exitCode, err } = await pushTo(remote, { ...server.env, ...env });
    const said = err.replaceAll(/\s+/g, ' ');
    expect(said).toMatch(cause);
    expect(said).toMatch(next);
    expect(exitCode).toBe(5);
  });

  test.each([
    ['an unknown remote', ['push', '-r', 'orign'], /There is no remote "orign".*origin/],
    ['an unknown kind', ['remote', 'add', 'other', 'gopher://x'], /gopher:\/\/ is not a kind of remote/],
    ['no bucket', ['remote', 'add', 'other', 's3://'], /names no bucket/],
  ])('%s is a mistake of whoever typed it', async (_, argv, message) => {
    const cwd = await createFolder();
    await runMlops({ cwd }, 'init', '--no-git');
    await runMlops({ cwd }, 'remote', 'add', 'origin', '/tmp/nowhere');
    const { exitCode, err } = await runMlops({ cwd }, ...argv);
    expect(err.replaceAll(/\s+/g, ' ')).toMatch(message);
    expect(exitCode).toBe(2);
  });
});

test('what another format holds is not taken for missing', async () => {
  const folder = await createFolder();
  mkdirSync(join(folder, 'v2'), { recursive: true });
  writeFileSync(join(folder, 'v2/x'), '');
  const { cwd } = await pushTo(folder);
  rmSync(join(cwd, 'penguins.csv'));
  rmSync(join(cwd, '.mlops/cache'), { recursive: true });
  const { exitCode, err } = await runMlops({ cwd }, 'pull');
  expect(err).toContain('format 2');
  expect(exitCode).toBe(5);
});
