import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { collectRemote, planRemoteGc } from '../../../src/features/data/gc/remote.ts';
import { fetchObjects, pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { createProject } from '../../support/open-project.ts';
import { type S3Server, s3Missing, startS3Server } from '../../support/s3-server.ts';
import { GIT_ENV } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const DAY = 24 * 3600 * 1000;
const ALL = { targets: [], remote: null, jobs: null, dryRun: false };
const NOTHING = { allBranches: false, allTags: false, allCommits: false, revs: [], since: null, skipRevs: [] };

describe.skipIf(s3Missing !== null)('gc --remote on a real S3 server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  test('deletes what waited, makes packs anew, and aborts uploads of long ago', async () => {
    const project = await createProject();
    const after = (days: number) =>
      project.open({ env: { ...GIT_ENV, ...server.env }, now: () => new Date(Date.now() + days * DAY) });
    const { endpoint } = server;
    const where = { url: server.url('gc'), endpoint, region: 'us-east-1' };
    await addRemote(await after(0), { name: 'origin', ...where, default: true });
    const request = { remote: 'origin', scope: NOTHING, graceMilliseconds: 14 * DAY, projects: [], forget: [] };
    const push = async (names: readonly string[]) => {
      rmSync(project.sandbox.path('data'), { recursive: true, force: true });
      await project.sandbox.write(Object.fromEntries(names.map((name) => [`data/${name}`, `content of ${name}`])));
      await track(await after(0), 'data');
      expect((await pushObjects(await after(0), ALL)).failed).toEqual([]);
    };
    const many = (count: number) => Array.from({ length: count }, (_, at) => `${at}.txt`);
    await project.sandbox.write({ 'note.txt': 'first' });
    await project.sandbox.commit('first');
    await push(many(60));
    await push(many(20));
    // Everything is an hour old, as it would be.
    const old = new Date(Date.now() - 3600_000);
    for (const name of readdirSync(join(server.folder, 'gc/v1'), { recursive: true, encoding: 'utf8' })) {
      const path = join(server.folder, 'gc/v1', name);
      if (statSync(path).isFile()) utimesSync(path, old, old);
    }
    const { S3Client, CreateMultipartUploadCommand } = await import('@aws-sdk/client-s3');
    const credentials = {
      accessKeyId: server.env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: server.env['AWS_SECRET_ACCESS_KEY'] ?? '',
    };
    const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    for (const Key of ['gc/v1/objects/aa/01', 'elsewhere/x']) {
      await client.send(new CreateMultipartUploadCommand({ Bucket: server.bucket, Key }));
    }
    client.destroy();

    expect(await collectRemote(await after(0), request)).toMatchObject({
      removed: 0,
      unfinished: 0,
      scheduled: [{ objects: 41 }],
    });
    const planned = (await planRemoteGc(await after(15), request)).result;
    const done = await collectRemote(await after(15), request);
    expect(done).toMatchObject({ removed: 41, kept: 21, unfinished: 1, scheduled: [] });
    expect({ ...done, dryRun: true }).toEqual(planned);
    expect((await collectRemote(await after(30), request)).unfinished).toBe(0);
    rmSync(project.sandbox.path('.mlops/cache'), { recursive: true });
    expect(await fetchObjects(await after(0), ALL)).toMatchObject({ objects: 21, failed: [] });
  });
});
