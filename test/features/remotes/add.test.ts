import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addRemote, type RemoteAddRequest } from '../../../src/features/remotes/add.ts';
import { listRemotes } from '../../../src/features/remotes/list.ts';
import { createProject } from '../../support/open-project.ts';
import { createFolder } from '../../support/sandbox.ts';

test('a remote is written with what S3 needs to know, and listed', async () => {
  const { open } = await createProject({ '.mlops.yaml': '# our remotes\n' });
  const request = { name: 'origin', url: 's3://team-bucket/iris', region: 'eu-west-1', default: true };
  expect(await addRemote(await open(), request)).toEqual({
    name: 'origin',
    url: 's3://team-bucket/iris',
    isDefault: true,
    file: '.mlops.yaml',
  });
  const project = await open();
  expect(listRemotes(project)).toEqual({
    remotes: [{ name: 'origin', url: 's3://team-bucket/iris', isDefault: true, origin: 'project' }],
  });
  expect(project.config.remotes['origin']).toMatchObject({ region: 'eu-west-1' });
});

test('comments and order of the file survive', async () => {
  const { sandbox, open } = await createProject({ '.mlops.yaml': '# top\njobs: 2 # two\n' });
  await addRemote(await open(), { name: 'archive', url: '/mnt/archive/iris' });
  expect(await sandbox.read('.mlops.yaml')).toContain('# top\njobs: 2 # two\n');
});

test('a folder typed in a sub-folder is written as seen from the root', async () => {
  const { sandbox, open } = await createProject();
  mkdirSync(sandbox.path('src/deep'), { recursive: true });
  const added = await addRemote(await open({}, sandbox.path('src/deep')), { name: 'near', url: '../store' });
  expect(added.url).toBe('src/store');
});

test('a remote for this clone alone does not touch the file that is committed', async () => {
  const { sandbox, open } = await createProject();
  const before = await sandbox.read('.mlops.yaml');
  const added = await addRemote(await open(), { name: 'scratch', url: '/mnt/scratch', local: true });
  expect(added.file).toBe('.mlops.local.yaml');
  expect(await sandbox.read('.mlops.yaml')).toBe(before);
  expect(listRemotes(await open()).remotes).toMatchObject([{ name: 'scratch', origin: 'local' }]);
});

test('a remote of one person is in their own settings', async () => {
  const { open } = await createProject();
  const home = await createFolder();
  const env = { XDG_CONFIG_HOME: home };
  const added = await addRemote(await open({ env }), { name: 'mine', url: '/mnt/mine', user: true });
  expect(added.file).toBe(join(home, 'mlops', 'config.yaml'));
  expect(listRemotes(await open({ env })).remotes).toMatchObject([{ name: 'mine', origin: 'user' }]);
});

describe('refused', () => {
  test('a scheme that is no kind of remote, with those that are', () =>
    refused(
      { name: 'x', url: 'gs://bucket/iris' },
      { kind: 'usage', message: expect.stringContaining('gs://'), hint: expect.stringContaining('s3://bucket/prefix') },
    ));

  test('an S3 URL without a bucket', () =>
    refused({ name: 'x', url: 's3://' }, { kind: 'usage', message: expect.stringContaining('names no bucket') }));

  test('a secret in a URL, without repeating it', async () => {
    const { open } = await createProject();
    const url = 's3://AKIAEXAMPLE:hush@bucket/iris';
    const error = await addRemote(await open(), { name: 'x', url }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'usage', hint: expect.stringContaining('--profile') });
    expect(String(error)).not.toContain('hush');
  });

  test('a name that cannot be one', () =>
    refused(
      { name: 'my remote', url: 's3://bucket' },
      { kind: 'usage', message: expect.stringContaining('my remote') },
    ));

  test('an endpoint without a scheme', () =>
    refused(
      { name: 'x', url: 's3://bucket', endpoint: 'localhost:9000' },
      { kind: 'usage', message: expect.stringContaining('localhost:9000') },
    ));

  test('an option of S3 on a folder', () =>
    refused(
      { name: 'x', url: '/mnt/x', region: 'eu-west-1' },
      { kind: 'usage', message: expect.stringContaining('--region is for S3') },
    ));

  test('a name that is taken, unless it is to be replaced', async () => {
    const { open } = await createProject();
    await addRemote(await open(), { name: 'origin', url: '/mnt/a' });
    await expect(addRemote(await open(), { name: 'origin', url: '/mnt/b' })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('/mnt/a'),
    });
    await addRemote(await open(), { name: 'origin', url: '/mnt/b', force: true });
    expect(listRemotes(await open()).remotes).toMatchObject([{ name: 'origin', url: '/mnt/b' }]);
  });
});

async function refused(request: RemoteAddRequest, error: object): Promise<void> {
  const { sandbox, open } = await createProject();
  const before = await sandbox.read('.mlops.yaml');
  await expect(addRemote(await open(), request)).rejects.toMatchObject(error);
  expect(await sandbox.read('.mlops.yaml')).toBe(before);
}
