import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { runMlops } from '../../support/run-mlops.ts';
import { createSandbox, GIT_ENV } from '../../support/sandbox.ts';
import { age } from './look.ts';

/** A command, and the project that it is run in. */
export interface Scene {
  readonly name: string;
  readonly command: readonly string[];
  readonly prepare: (root: string) => Promise<void>;
  /** Right before the command. */
  readonly before?: (root: string) => void;
  /** Whether all that is in the workspace has to be in the cache as well, at every moment. */
  readonly isCached?: boolean;
  /** What goes on after a kill; the command itself when nothing is said. */
  readonly again?: (lockfile: string) => readonly (readonly string[])[];
}

/** What file `at` of a version holds: most are small, some are empty, equal, or not small. */
export function contentOf(version: string, at: number): Buffer {
  if (at % 29 === 7) return Buffer.alloc(at % 2 === 0 ? 0 : 300_000, `${version}${at}`);
  return Buffer.from(`${version} of ${at % 17 === 3 ? 3 : at}\n`.repeat(1 + (at % 5)));
}

/** A folder with folders in it, a program, a link and an empty folder. */
export function writeData(root: string, version: string, files = 70): void {
  for (let at = 0; at < files; at++) write(join(root, `data/${at % 6}/deep/${at}.bin`), contentOf(version, at));
  write(join(root, 'data/run.sh'), Buffer.from(`#!/bin/sh\necho ${version}\n`));
  chmodSync(join(root, 'data/run.sh'), 0o755);
  mkdirSync(join(root, 'data/empty'), { recursive: true });
  rmSync(join(root, 'data/link'), { force: true });
  symlinkSync(`0/deep/${version === 'old' ? 0 : 6}.bin`, join(root, 'data/link'));
  write(join(root, 'single.csv'), Buffer.from(`${version}, alone\n`));
}

/** A new project in a new repository. */
export async function newProject(): Promise<string> {
  const { root } = await createSandbox();
  await mlops(root, 'init');
  return root;
}

/** Runs a command in this process, which has to succeed. */
export async function mlops(root: string, ...argv: readonly string[]): Promise<void> {
  const { exitCode, err } = await runMlops({ cwd: root }, ...argv);
  expect([argv.join(' '), exitCode, exitCode === 0 ? '' : err]).toEqual([argv.join(' '), 0, '']);
}

/** Commits everything that Git does not ignore. */
export function commitAll(root: string, message: string): void {
  execFileSync('git', ['add', '.'], { cwd: root, env: GIT_ENV });
  execFileSync('git', ['commit', '-q', '--allow-empty', '-m', message], { cwd: root, env: GIT_ENV });
}

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

async function tracked(root: string, version: string): Promise<void> {
  writeData(root, version);
  await mlops(root, 'add', 'data', 'single.csv');
  commitAll(root, version);
}

/** Both versions are in the cache and in Git; the workspace is what the second lockfile says. */
async function twoVersions(root: string): Promise<void> {
  await tracked(root, 'old');
  rmSync(join(root, 'data/3'), { recursive: true });
  await tracked(root, 'new');
}

function stillNamed(lockfile: string): string[] {
  return ['data', 'single.csv'].filter((path) => lockfile.includes(`\n  ${path}: `));
}

const cacheOf = (root: string): string => join(root, '.mlops/cache');

/** Every command that moves bytes or names. */
export const SCENES: readonly Scene[] = [
  { name: 'add', command: ['add', 'data', 'single.csv'], prepare: async (root) => writeData(root, 'new') },
  {
    name: 'add of what changed',
    command: ['add', 'data', 'single.csv'],
    prepare: async (root) => {
      await tracked(root, 'old');
      rmSync(join(root, 'data/3'), { recursive: true });
      writeData(root, 'new', 50);
    },
  },
  {
    name: 'checkout into nothing',
    command: ['checkout'],
    prepare: async (root) => {
      await tracked(root, 'new');
      rmSync(join(root, 'data'), { recursive: true });
      rmSync(join(root, 'single.csv'));
    },
  },
  {
    name: 'checkout of another version',
    command: ['checkout'],
    prepare: async (root) => {
      await twoVersions(root);
      execFileSync('git', ['checkout', '-q', 'HEAD~1', '--', '.mlops.lock.yaml'], { cwd: root, env: GIT_ENV });
    },
  },
  {
    name: 'commit',
    command: ['commit'],
    prepare: async (root) => {
      await tracked(root, 'old');
      writeData(root, 'new', 50);
    },
  },
  {
    name: 'gc',
    command: ['gc', '--workspace', '--yes'],
    isCached: true,
    prepare: twoVersions,
    before: (root) => age(cacheOf(root)),
  },
  {
    name: 'remove',
    command: ['remove', 'data', 'single.csv'],
    prepare: async (root) => tracked(root, 'new'),
    again: (lockfile) => (stillNamed(lockfile).length === 0 ? [] : [['remove', ...stillNamed(lockfile)]]),
  },
  {
    name: 'remove --outs',
    command: ['remove', '--outs', 'data', 'single.csv'],
    prepare: async (root) => tracked(root, 'new'),
    again: (lockfile) => (stillNamed(lockfile).length === 0 ? [] : [['remove', '--outs', ...stillNamed(lockfile)]]),
  },
  {
    name: 'move',
    command: ['move', 'data', 'far/away'],
    prepare: async (root) => tracked(root, 'new'),
    again: (lockfile) => (lockfile.includes('\n  data: ') ? [['move', 'data', 'far/away']] : []),
  },
];

/** Two stages, of which one reads what the other writes. */
export const PIPELINE = `stages:
  count: { cmd: "cat data/0/deep/* | wc -c > count.txt", deps: [data], outs: [count.txt] }
  twice: { cmd: "cat count.txt count.txt > twice.txt; mkdir -p parts; cp data/1/deep/* parts", deps: [count.txt], outs: [twice.txt, parts] }
`;

/** Commands that write as well, and are killed elsewhere. */
export const MORE_SCENES: readonly Scene[] = [
  {
    name: 'repro',
    command: ['repro'],
    prepare: async (root) => {
      await tracked(root, 'new');
      writeFileSync(join(root, '.mlops.yaml'), PIPELINE);
    },
  },
  {
    name: 'push',
    command: ['push'],
    prepare: async (root) => {
      await tracked(root, 'new');
      await mlops(root, 'remote', 'add', '-d', 'origin', './remote');
    },
  },
  {
    name: 'pull',
    command: ['pull'],
    prepare: async (root) => {
      await tracked(root, 'new');
      await mlops(root, 'remote', 'add', '-d', 'origin', './remote');
      await mlops(root, 'push');
      for (const path of ['data', 'single.csv', '.mlops']) rmSync(join(root, path), { recursive: true });
    },
  },
  {
    name: 'init',
    command: ['init'],
    prepare: async (root) => {
      for (const name of readdirSync(root)) if (name !== '.git') rmSync(join(root, name), { recursive: true });
      execFileSync('git', ['read-tree', '--empty'], { cwd: root, env: GIT_ENV });
    },
  },
];
