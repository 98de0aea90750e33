import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { BINARY } from '../../support/run-binary.ts';
import { createFolder, GIT_ENV } from '../../support/sandbox.ts';

type CliProject = Awaited<ReturnType<typeof createCliProject>>;

/** Something that cannot be tracked: how it comes about, what is typed, and what is said. */
interface Refusal {
  readonly make?: (project: CliProject) => unknown;
  readonly add: readonly string[];
  readonly exitCode: number;
  readonly says: string;
  readonly hint: string;
}

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const pipeline = (text: string) => (project: CliProject) => project.write({ '.mlops.yaml': `stages: ${text}\n` });
const track =
  (...paths: string[]) =>
  (project: CliProject) =>
    project.mlops('add', ...paths);
const inGit = (path: string) => (project: CliProject) => project.git('add', '-f', path);

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'a path outside the project': {
    add: ['../elsewhere.csv'],
    exitCode: 2,
    says: '../elsewhere.csv is outside the project',
    hint: 'copy it into the project',
  },
  'a path that is not there': {
    add: ['raw.cvs'],
    exitCode: 2,
    says: 'There is no raw.cvs; did you mean "raw.csv"?',
    hint: 'is there',
  },
  'the whole project': { add: ['.'], exitCode: 2, says: '. is the whole project', hint: 'mlops add <folder>' },
  "Git's own folder": { add: ['.git'], exitCode: 2, says: '".git" belongs to Git', hint: '' },
  'our own files': { add: ['.mlops.yaml'], exitCode: 2, says: '".mlops.yaml" belongs to mlops', hint: '' },
  'a file that Git tracks': {
    make: inGit('raw.csv'),
    add: ['raw.csv'],
    exitCode: 8,
    says: 'raw.csv is tracked by Git',
    hint: 'git rm -r --cached -- raw.csv',
  },
  'a folder with a file that Git tracks': {
    make: inGit('data/deep/b.csv'),
    add: ['data'],
    exitCode: 8,
    says: 'data is tracked by Git, or has files that are',
    hint: 'git rm -r --cached -- data',
  },
  'a folder around tracked data': {
    make: track('data/deep'),
    add: ['data'],
    exitCode: 2,
    says: 'data and data/deep overlap',
    hint: 'mlops remove data/deep',
  },
  'a path that differs from a tracked one in case alone': {
    make: (project) => project.write({ 'RAW.csv': 'other' }).then(() => project.mlops('add', 'RAW.csv')),
    add: ['raw.csv'],
    exitCode: 2,
    says: 'raw.csv and RAW.csv overlap',
    hint: 'mlops remove RAW.csv',
  },
  'two paths of which one lies in the other': {
    add: ['data', 'data/a.csv'],
    exitCode: 2,
    says: 'overlap',
    hint: 'Name one of them',
  },
  'an ignored path': {
    make: (project) => project.write({ '.mlopsignore': '# none\nraw.*\n' }),
    add: ['raw.csv'],
    exitCode: 2,
    says: 'raw.csv is ignored by the line "raw.*" of .mlopsignore',
    hint: '!/raw.csv',
  },
  'a path in an ignored folder': {
    make: (project) => project.write({ 'data/.mlopsignore': '/deep/\n' }),
    add: ['data/deep/b.csv'],
    exitCode: 2,
    says: 'by the line "/deep/" of data/.mlopsignore',
    hint: 'Change that line',
  },
  'the output of a stage': {
    make: pipeline('{ s: { cmd: "true", outs: [raw.csv] } }'),
    add: ['raw.csv'],
    exitCode: 2,
    says: 'raw.csv is an output of the stage "s"',
    hint: 'mlops commit s',
  },
  'a folder around the output of a stage': {
    make: pipeline('{ s: { cmd: "true", outs: [data/deep/b.csv] } }'),
    add: ['data'],
    exitCode: 2,
    says: 'data holds an output of the stage "s"',
    hint: 'mlops repro s',
  },
  'a path in the output of a stage': {
    make: pipeline('{ s: { cmd: "true", outs: [data] } }'),
    add: ['data/a.csv'],
    exitCode: 2,
    says: 'data/a.csv lies in an output of the stage "s"',
    hint: 'mlops commit s',
  },
  'a link to a folder': {
    make: (project) => symlinkSync('data', project.path('link')),
    add: ['link'],
    exitCode: 2,
    says: 'link is a symbolic link to a folder',
    hint: 'Add what it points to',
  },
  'a path behind a link': {
    make: (project) => symlinkSync('data', project.path('link')),
    add: ['link/a.csv'],
    exitCode: 2,
    says: 'link/a.csv leads through the symbolic link link',
    hint: 'Name the real path',
  },
  'a link to nothing, in a folder': {
    make: (project) => symlinkSync('/gone', project.path('data/link')),
    add: ['raw.csv', 'data'],
    exitCode: 2,
    says: 'data/link is a symbolic link to nothing (/gone)',
    hint: '.mlopsignore',
  },
  'a link out of a folder to another folder': {
    make: (project) => symlinkSync(project.root, project.path('data/link')),
    add: ['data'],
    exitCode: 2,
    says: 'data/link is a symbolic link to a folder outside',
    hint: '.mlopsignore',
  },
  'a pipe': {
    make: (project) => execFileSync('mkfifo', [project.path('pipe')]),
    add: ['pipe'],
    exitCode: 2,
    says: 'pipe is a pipe; only files, folders and links can be tracked',
    hint: 'Remove it',
  },
  'a socket, in a folder': {
    make: (project) => listenAt(project.path('data/deep/socket')),
    add: ['raw.csv', 'data'],
    exitCode: 2,
    says: 'data/deep/socket is a socket',
    hint: '.mlopsignore',
  },
  'a name that is not UTF-8': {
    make: (project) => writeFileSync(Buffer.concat([Buffer.from(project.path('data/x')), Buffer.from([0xff])]), ''),
    add: ['raw.csv', 'data'],
    exitCode: 2,
    says: 'is not UTF-8',
    hint: 'Rename it',
  },
  'a name that Windows takes for a device': {
    make: (project) => project.write({ 'data/aux': '' }),
    add: ['data'],
    exitCode: 2,
    says: 'data/aux cannot be tracked: its name is the name of a device on Windows',
    hint: 'Rename it',
  },
  'a name that Windows reads as two': {
    make: (project) => project.write({ 'data/a\\b': '' }),
    add: ['data'],
    exitCode: 2,
    says: 'holds a slash or a backslash',
    hint: 'Rename it',
  },
  'a path that the system cannot reach': {
    make: (project) => deepFolder(project.path('data')),
    add: ['raw.csv', 'data'],
    exitCode: 1,
    says: 'the name is too long for the file system',
    hint: '',
  },
};

/** Folders in folders, until the whole path is longer than any system call takes. */
function deepFolder(folder: string): void {
  const script = 'n=$(printf "y%.0s" {1..240}); for i in {1..20}; do mkdir $n; cd -P $n || exit 1; done';
  execFileSync('bash', ['-c', script], { cwd: folder });
  // Node cannot remove it either.
  onTestFinished(() => void execFileSync('rm', ['-rf', folder]));
}

async function listenAt(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
}

/** Everything that an entry would be: the lockfile, what Git is told, what is kept, and what is known. */
async function traces(project: CliProject): Promise<unknown> {
  const read = (path: string) => (existsSync(project.path(path)) ? project.read(path) : null);
  const staged = await project.git('diff', '--cached', '--name-only');
  return {
    lockfile: await read('.mlops.lock.yaml'),
    ignored: [await read('.gitignore'), await read('data/.gitignore')],
    staged,
    tmp: existsSync(project.path('.mlops/tmp')) ? readdirSync(project.path('.mlops/tmp')) : [],
    leases: existsSync(project.path('.mlops/leases')) ? readdirSync(project.path('.mlops/leases')) : [],
  };
}

async function createPlace(): Promise<CliProject> {
  return createCliProject({ 'raw.csv': 'raw', 'data/a.csv': 'a', 'data/deep/b.csv': 'b' });
}

test.each(Object.entries(REFUSALS))(
  '%s is refused in a sentence of its own, and leaves no trace',
  async (_, refusal) => {
    const project = await createPlace();
    await refusal.make?.(project);
    const before = await traces(project);
    for (const flags of [['-n'], ['--no-commit'], []]) {
      const run = await project.mlops('add', ...flags, '--', ...refusal.add);
      expect(run).toMatchObject({ exitCode: refusal.exitCode, out: '' });
      const [error = '', hint = ''] = run.err.trim().split('\n');
      expect(error).toContain(refusal.says);
      expect(hint).toContain(refusal.hint);
      expect(await traces(project)).toEqual(before);
    }
    const event = JSON.parse(
      (await project.mlops('add', '--json', '--', ...refusal.add)).err.trim().split('\n').at(-1) ?? '',
    );
    expect(event).toMatchObject({ type: 'error', message: expect.stringContaining(refusal.says) });
  },
);

test('a file and a folder that nobody may read are refused by name', async () => {
  const project = await createPlace();
  // Root may read everything, so another user has to try.
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, project.root]);
  for (const path of ['data/a.csv', 'data/deep']) {
    chmodSync(project.path(path), 0o000);
    const options = { cwd: project.root, env: { ...GIT_ENV, HOME: project.root }, encoding: 'utf8', ...user } as const;
    const run = spawnSync(process.execPath, [BINARY, 'add', 'raw.csv', 'data'], options);
    chmodSync(project.path(path), 0o755);
    expect(run.stderr).toContain(`${path}: permission denied`);
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(project.exists('.mlops.lock.yaml')).toBe(false);
  }
});

test('a place that has another owner is refused to move and to --out alike', async () => {
  const project = await createPlace();
  await project.write({ '.mlops.yaml': 'stages: { s: { cmd: "true", outs: [made] } }\n', '.mlopsignore': '*.tmp\n' });
  await project.mlops('add', 'raw.csv', 'data');
  await project.write({ 'code.py': 'code' });
  await project.git('add', 'code.py');
  symlinkSync(await createFolder(), project.path('link'));
  mkdirSync(project.path('other'));
  const places = {
    'made/x': [2, 'lies in an output of the stage "s"'],
    'x.tmp': [2, 'is ignored by the line "*.tmp"'],
    'data/x': [2, 'overlap'],
    'link/x': [2, 'leads through the symbolic link link'],
    'code.py/x': [2, 'code.py is a file'],
    '../x': [2, 'outside the project'],
    '.git/x': [2, 'belongs to Git'],
  } as const;
  for (const [place, [exitCode, says]] of Object.entries(places)) {
    for (const words of [
      ['move', 'raw.csv', place],
      ['add', '--out', place, '-f', join(project.root, 'code.py')],
    ]) {
      expect(await project.mlops(...words)).toMatchObject({
        exitCode,
        err: expect.stringContaining(says),
      });
    }
  }
  expect(await project.read('raw.csv')).toBe('raw');
  expect(readdirSync(project.path('data'))).toEqual(['a.csv', 'deep']);
});
