import { describe, expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { createFolder } from '../../support/sandbox.ts';

describe('config', () => {
  test('a setting is written where it was asked for, read back, listed with its file, and taken away again', async () => {
    const { mlops, read } = await createCliProject({ '.mlops.yaml': '# ours\njobs: 2 # two at once\n' });
    expect((await mlops('config', 'set', 'jobs', '4')).out).toBe('Set jobs in .mlops.yaml.\n');
    expect(await read('.mlops.yaml')).toBe('# ours\njobs: 4 # two at once\n');
    expect((await mlops('config', 'set', '--local', 'cache.link', 'hardlink, copy')).exitCode).toBe(0);
    expect((await mlops('config', 'get', 'cache.link')).out).toBe('hardlink,copy\n');
    expect((await mlops('config', 'list')).out).toBe('cache.link=hardlink,copy\njobs=4\n');
    expect((await mlops('config', 'list', '--show-origin')).out).toContain(
      'cache.link  hardlink,copy  .mlops.local.yaml',
    );
    expect((await mlops('config', 'list', '--local', '--json')).json()).toEqual({
      settings: [{ key: 'cache.link', value: ['hardlink', 'copy'], origin: 'local', file: '.mlops.local.yaml' }],
    });
    expect((await mlops('config', 'unset', 'jobs')).out).toBe('Took jobs out of .mlops.yaml.\n');
    expect(await read('.mlops.yaml')).toBe('# ours\n');
    expect((await mlops('config', 'get', 'jobs')).out).toBe('1\n');
  });

  test('a dry run writes nothing', async () => {
    const { mlops, read } = await createCliProject({ '.mlops.yaml': 'jobs: 2\n' });
    expect((await mlops('config', 'set', '-n', 'jobs', '4')).out).toBe('Would set jobs in .mlops.yaml.\n');
    expect(await read('.mlops.yaml')).toBe('jobs: 2\n');
  });

  test('what nobody set is exit 1, unless it has a default', async () => {
    const { mlops } = await createCliProject();
    expect(await mlops('config', 'get', 'remote')).toMatchObject({ exitCode: 1, out: '' });
    expect(await mlops('config', 'get', 'autostage')).toMatchObject({ exitCode: 0, out: 'false\n' });
  });

  test.each([
    [['set', 'job', '4'], 'did you mean "jobs"?'],
    [['set', 'cache.dri', 'x'], 'did you mean "cache.dir"?'],
    [['set', 'remotes.origin.regoin', 'x'], 'did you mean "region"?'],
    [['set', 'jobs', 'many'], 'jobs cannot be "many"'],
    [['set', 'cache.link', 'teleport'], 'cache.link cannot be "teleport"'],
    [['set', 'jobs', '[1'], 'is no value'],
    [['set', '--local', '--user', 'jobs', '1'], '--local or --user'],
    [['unset', 'jobs'], '.mlops.yaml does not say jobs'],
  ])('%s is a mistake', async (words, message) => {
    const { mlops, read } = await createCliProject();
    const before = await read('.mlops.yaml');
    const { exitCode, err } = await mlops('config', ...words);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(message) });
    expect(await read('.mlops.yaml')).toBe(before);
  });

  test('a secret never gets into the committed file, and no list shows it', async () => {
    const { mlops, read } = await createCliProject({ '.mlops.yaml': 'remotes:\n  origin: s3://team/iris\n' });
    const words = ['remotes.origin.secretAccessKey', 'hush'];
    expect(await mlops('config', 'set', ...words)).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('--local'),
    });
    expect((await mlops('config', 'set', '--local', ...words)).exitCode).toBe(0);
    expect(await read('.mlops.local.yaml')).toContain('secretAccessKey: "hush"');
    expect((await mlops('config', 'list')).out).not.toContain('hush');
    expect((await mlops('config', 'list', '--json')).out).not.toContain('hush');
  });

  test('a secret that someone wrote into the committed file is refused with the way to do it', async () => {
    const { mlops } = await createCliProject({
      '.mlops.yaml': 'remotes:\n  origin: { url: "s3://team/iris", secretAccessKey: hush }\n',
    });
    const { exitCode, err } = await mlops('status');
    expect(exitCode).toBe(2);
    expect(err).toContain('.mlops.yaml:2:36');
    expect(err).toContain('mlops remote modify --local origin secretAccessKey <value>');
    expect(err).not.toContain('hush');
  });
});

describe('remote', () => {
  const TWO =
    '# where\nremotes:\n  origin: { url: "s3://team/iris" } # ours\n  # the old one\n  archive: /mnt/archive\nremote: origin\n';

  test('modify changes a key, in the short form too, and takes it away', async () => {
    const { mlops, read } = await createCliProject({ '.mlops.yaml': TWO });
    expect((await mlops('remote', 'modify', 'origin', 'region', 'eu-west-1')).out).toBe(
      'Set remotes.origin.region in .mlops.yaml.\n',
    );
    expect((await mlops('remote', 'modify', 'archive', 'jobs', '4')).exitCode).toBe(0);
    expect(await read('.mlops.yaml')).toBe(
      TWO.replace('iris"', 'iris", region: "eu-west-1"').replace(
        '/mnt/archive\n',
        '{ url: "/mnt/archive", jobs: 4 }\n',
      ),
    );
    expect((await mlops('remote', 'modify', 'origin', 'region', '--unset')).exitCode).toBe(0);
    expect(await read('.mlops.yaml')).toContain('origin: { url: "s3://team/iris" } # ours\n');
  });

  test('remove takes it out with its comment, and as the default', async () => {
    const { mlops, read } = await createCliProject({ '.mlops.yaml': TWO });
    expect((await mlops('remote', 'remove', 'archive')).exitCode).toBe(0);
    expect(await read('.mlops.yaml')).toBe(
      '# where\nremotes:\n  origin: { url: "s3://team/iris" } # ours\nremote: origin\n',
    );
    expect((await mlops('remote', 'remove', 'origin')).exitCode).toBe(0);
    expect((await mlops('remote', 'list', '--json')).json()).toEqual({ remotes: [] });
    expect((await mlops('remote', 'default')).out).toBe('No remote is the default one.\n');
  });

  test('rename keeps everything else, and the default follows', async () => {
    const { mlops, read } = await createCliProject({ '.mlops.yaml': TWO });
    expect((await mlops('remote', 'rename', 'origin', 'team')).exitCode).toBe(0);
    expect(await read('.mlops.yaml')).toBe(
      TWO.replace('  origin:', '  team:').replace('remote: origin', 'remote: team'),
    );
    expect((await mlops('remote', 'rename', 'team', 'archive')).exitCode).toBe(8);
  });

  test('default says it, sets it and takes it away', async () => {
    const { mlops } = await createCliProject({ '.mlops.yaml': TWO });
    expect((await mlops('remote', 'default')).out).toBe('origin\n');
    expect((await mlops('remote', 'default', 'archive', '--local')).exitCode).toBe(0);
    expect((await mlops('remote', 'default', '--json')).json()).toEqual({ name: 'archive', file: null });
    expect((await mlops('remote', 'default', '--unset', '--local')).exitCode).toBe(0);
    expect((await mlops('remote', 'default')).out).toBe('origin\n');
  });

  test('a remote that data is kept on stays until that says otherwise', async () => {
    const { mlops } = await createCliProject({ '.mlops.yaml': `${TWO}data:\n  raw.csv: { remote: archive }\n` });
    const { exitCode, err } = await mlops('remote', 'remove', 'archive');
    expect({ exitCode, err }).toEqual({ exitCode: 8, err: expect.stringContaining('raw.csv') });
  });

  test.each([
    [['modify', 'origni', 'region', 'x'], 'did you mean "origin"?'],
    [['modify', 'origin', 'url', 'gopher://x'], 'gopher://'],
    [['modify', 'archive', 'region', 'x'], 'is for S3'],
    [['modify', 'origin', 'endpoint', 'https://me:secret@host'], 'secret'],
    [['modify', 'origin', 'region'], '--unset'],
    [['remove', 'nobody'], 'There is no remote "nobody"'],
    [['remove', '--local', 'origin'], 'is not in that file'],
    [['rename', 'origin', 'a b'], 'cannot be called'],
    [['default', 'nobody'], 'There is no remote "nobody"'],
  ])('%s is a mistake', async (words, message) => {
    const { mlops, read } = await createCliProject({ '.mlops.yaml': TWO });
    const { exitCode, err } = await mlops('remote', ...words);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(message) });
    expect(await read('.mlops.yaml')).toBe(TWO);
  });

  test('one of a person alone is changed in their own file', async () => {
    const { root } = await createCliProject();
    const env = { XDG_CONFIG_HOME: await createFolder() };
    const mlops = (...argv: string[]) => runMlops({ cwd: root, env }, ...argv);
    expect((await mlops('remote', 'add', '--user', 'mine', '/mnt/mine')).exitCode).toBe(0);
    expect((await mlops('remote', 'rename', '--user', 'mine', 'own')).exitCode).toBe(0);
    expect((await mlops('remote', 'list', '--json')).json()).toMatchObject({ remotes: [{ name: 'own' }] });
  });
});
