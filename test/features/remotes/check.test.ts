import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { checkRemote } from '../../../src/features/remotes/check.ts';
import { createProject } from '../../support/open-project.ts';
import { startFront, type SentRequest } from '../../support/s3-front.ts';
import { type S3Server, s3Missing, startS3Server } from '../../support/s3-server.ts';
import { createFolder } from '../../support/sandbox.ts';

async function checked(url: string) {
  const { open } = await createProject();
  await addRemote(await open(), { name: 'origin', url });
  return checkRemote(await open(), 'origin');
}

test('a sound remote is written to, read and left as it was', async () => {
  const folder = await createFolder();
  expect(await checked(folder)).toMatchObject({ name: 'origin', ok: true, writable: true });
  expect(readdirSync(join(folder, 'v1/check'))).toEqual([]);
});

test('a folder that the first push would make is fine, and is not made', async () => {
  const above = await createFolder();
  expect(await checked(join(above, 'store'))).toMatchObject({ ok: true, writable: null });
  expect(readdirSync(above)).toEqual([]);
});

test('a remote that is not there is told with a way out', async () => {
  expect(await checked(join(await createFolder(), 'mnt/archive'))).toMatchObject({
    ok: false,
    message: expect.stringContaining('is not there'),
    hint: expect.stringContaining('mount'),
  });
});

test('a remote that cannot be written to can still be read', async () => {
  const folder = await createFolder();
  mkdirSync(join(folder, 'v1'));
  writeFileSync(join(folder, 'v1/check'), 'a file where the folder should be');
  expect(await checked(folder)).toMatchObject({ ok: true, writable: false });
});

test('each step is told, with the time that it took', async () => {
  const { steps, credentials } = await checked(await createFolder());
  expect(steps.map(({ operation, ok }) => `${operation} ${ok}`)).toEqual([
    'list true',
    'put true',
    'get true',
    'range true',
    'conditional put true',
    'delete true',
  ]);
  expect(credentials).toBeNull();
});

describe.skipIf(s3Missing !== null)('a real S3 server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  /** Checks a remote on a server that refuses some requests, on a machine whose clock is wrong by as much. */
  async function checkedThrough(isDenied: (request: SentRequest) => boolean, wrongBy = 0) {
    const { endpoint } = await startFront(server.endpoint, (request) =>
      isDenied(request) ? { status: 403, code: 'AccessDenied', message: 'Access Denied' } : null,
    );
    const { open } = await createProject();
    const project = await open({ env: server.env, now: () => new Date(Date.now() + wrongBy) });
    await addRemote(project, { name: 'origin', url: server.url('check'), endpoint, region: 'us-east-1' });
    return checkRemote(await open({ env: server.env, now: () => new Date(Date.now() + wrongBy) }), 'origin');
  }

  test('is tried in all that a push and a pull need, with the credentials that were found', async () => {
    const check = await checkedThrough(() => false);
    expect(check).toMatchObject({
      ok: true,
      writable: true,
      credentials: 'access key ADELIE from AWS_ACCESS_KEY_ID',
      message: 'can be read and written',
    });
    expect(Math.abs(check.clockAheadMilliseconds ?? Number.NaN)).toBeLessThan(5000);
    expect(JSON.stringify(check)).not.toContain(server.env['AWS_SECRET_ACCESS_KEY']);
  });

  test.each([
    ['put', ({ method }: SentRequest) => method === 'PUT', 's3:PutObject', { ok: true, writable: false }],
    ['delete', ({ method }: SentRequest) => method === 'POST', 's3:DeleteObject', { ok: true, writable: false }],
    [
      'get',
      ({ method, url }: SentRequest) => method === 'GET' && !url.includes('list-type'),
      's3:GetObject',
      { ok: false, writable: false },
    ],
    ['list', ({ url }: SentRequest) => url.includes('list-type'), 's3:ListBucket', { ok: false, writable: null }],
  ])(
    'that refuses to %s is told so, with the permission that is needed',
    async (operation, isDenied, right, outcome) => {
      const check = await checkedThrough(isDenied);
      expect(check).toMatchObject({ ...outcome, hint: expect.stringContaining(right) });
      expect(check.steps.find(({ ok }) => !ok)?.operation).toBe(operation);
    },
  );

  test('whose clock is another than that of this machine is told so', async () => {
    expect(await checkedThrough(() => false, -3600_000)).toMatchObject({
      ok: true,
      message: expect.stringMatching(/its clock is 3(599|600|601) s ahead of this machine's/),
      hint: expect.stringContaining('timedatectl'),
    });
  });
});
