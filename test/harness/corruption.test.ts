import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type MlopsRun, runMlops } from '../support/run-mlops.ts';
import { createFolder, GIT_ENV } from '../support/sandbox.ts';
import { damage } from './kit/damage.ts';
import { age, filesUnder, lookAtWorkspace, readWholeStore } from './kit/look.ts';
import { cacheOf } from './kit/rehearse.ts';
import { type Chance, eachRound, timeFor } from './kit/rounds.ts';
import { commitAll, mlops, newProject, PIPELINE, writeData } from './kit/scenes.ts';

const FEW = 1;

const isTree = (path: string): boolean => readFileSync(path).subarray(0, 10).toString() === 'mlops tree';

/** What may be damaged: all files of the tool, by what they are. */
const KINDS: Readonly<Record<string, (path: string, absolute: string) => boolean>> = {
  'a loose object': (path, absolute) => path.startsWith('.mlops/cache/v1/objects/') && !isTree(absolute),
  'a tree': (path, absolute) => path.startsWith('.mlops/cache/v1/objects/') && isTree(absolute),
  'a pack': (path) => /^\.mlops\/cache\/v1\/packs\/.*\.pack$/.test(path),
  'the index of a pack': (path) => /^\.mlops\/cache\/v1\/packs\/.*\.idx$/.test(path),
  'the stat index': (path) => path === '.mlops/index',
  'the lockfile': (path) => path === '.mlops.lock.yaml',
  'a note of who uses the cache': (path) => path.startsWith('.mlops/cache/v1/roots/'),
  'the kept pipeline': (path) => path === '.mlops/pipeline',
  'a record of the run cache': (path) => path.startsWith('.mlops/run-cache/'),
  'an object of the remote': (path) => /^remote\/v1\/(objects|packs|idx)\//.test(path),
};

/** What people do without knowing. */
const COMMANDS: readonly (readonly string[])[] = [
  ['status'],
  ['status', '--check', '--granular'],
  ['checkout'],
  ['checkout', '--force'],
  ['add', 'data', 'single.csv'],
  ['add', 'data/1/deep/1.bin'],
  ['commit'],
  ['repro'],
  ['repro', '--dry-run'],
  ['push'],
  ['fetch'],
  ['pull'],
  ['diff'],
  ['ls', '--size'],
  ['du'],
  ['cat', 'data/0/deep/0.bin'],
  ['gc', '--workspace', '--yes'],
  ['fsck'],
  ['fsck', '--fast'],
  ['fsck', '--repair'],
  ['unprotect', 'data'],
  ['checkout', '--relink'],
];

/** Everything there is, sound and whole: in the workspace, the cache, the run cache and a remote. */
async function projectWithAll(): Promise<string> {
  const root = await newProject();
  writeData(root, 'new', 40);
  writeFileSync(
    join(root, '.mlops.yaml'),
    `${PIPELINE}remote: origin\nremotes: { origin: { url: ./remote } }\ncache: { dir: .mlops/cache }\n${'# long\n'.repeat(3000)}`,
  );
  writeFileSync(join(root, '.gitignore'), '/remote\n');
  for (const argv of [['add', 'data', 'single.csv'], ['repro'], ['push']]) await mlops(root, ...argv);
  commitAll(root, 'all');
  return root;
}

function dataIn(root: string): [path: string, what: string][] {
  return [...lookAtWorkspace(root)].filter(([path]) => !path.startsWith('.') && !path.startsWith('remote'));
}

/** A command works, or refuses with a code that is documented and without a stack. */
function checkEnd(argv: readonly string[], { exitCode, err }: MlopsRun): void {
  expect([argv, exitCode, err]).toEqual([
    argv,
    expect.not.toBeOneOf([3, 6, 7, 70]),
    expect.not.stringMatching(/\n {4}at /),
  ]);
  if (exitCode !== 0) expect([argv, err]).toEqual([argv, expect.stringMatching(/^(error: |.*\n)/)]);
}

async function use(root: string, right: ReadonlyMap<string, string>, chance: Chance): Promise<void> {
  if (chance.below(3) === 0)
    rmSync(join(root, chance.pick(['data', 'data/1', 'single.csv', 'parts'])), { recursive: true, force: true });
  if (chance.below(3) === 0) age(cacheOf(root));
  const argv = chance.pick(COMMANDS);
  checkEnd(argv, await runMlops({ cwd: root }, ...argv));
  const wrong = dataIn(root).filter(([path, what]) => right.get(path) !== what);
  expect([argv, wrong]).toEqual([argv, []]);
}

describe.each(Object.entries(KINDS))('%s, damaged', (_kind, isVictim) => {
  test(
    'is found, never served, and repaired from what is whole',
    async () => {
      const template = await projectWithAll();
      const right = new Map(dataIn(template));
      await eachRound(FEW, async (chance) => {
        const root = join(await createFolder(), 'project');
        cpSync(template, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
        const victims = filesUnder(root).filter((path) => isVictim(path, join(root, path)));
        const how = damage(join(root, chance.pick(victims)), chance);
        try {
          for (let times = 1 + chance.below(3); times > 0; times--) await use(root, right, chance);
          await repairAll(root, right);
        } catch (error) {
          if (error instanceof Error) error.message = `[${how}] ${error.message}`;
          throw error;
        }
      });
    },
    timeFor(FEW, 4),
  );
});

/** The way out that the messages name leads out. */
async function repairAll(root: string, right: ReadonlyMap<string, string>): Promise<void> {
  execFileSync('git', ['checkout', '-q', 'HEAD', '--', '.mlops.lock.yaml'], { cwd: root, env: GIT_ENV });
  for (const path of filesUnder(join(root, '.mlops/cache/v1/roots'))) rmSync(join(root, '.mlops/cache/v1/roots', path));
  await runMlops({ cwd: root }, 'fsck', '--repair');
  await runMlops({ cwd: root }, 'pull');
  await mlops(root, 'checkout');
  expect(new Map(dataIn(root))).toEqual(right);
  await mlops(root, 'status', '--check');
  await mlops(root, 'fsck');
  readWholeStore(cacheOf(root));
  await mlops(root, 'push', '--force');
  // What is in the remote now is all that is needed.
  for (const path of ['data', 'single.csv', 'parts', 'count.txt', 'twice.txt', '.mlops']) {
    rmSync(join(root, path), { recursive: true });
  }
  await mlops(root, 'pull');
  expect(new Map(dataIn(root))).toEqual(right);
}
