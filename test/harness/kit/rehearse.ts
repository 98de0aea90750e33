import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readTextFile } from '../../../src/system/write-file.ts';
import { createFolder } from '../../support/sandbox.ts';
import { lookAtWorkspace } from './look.ts';
import { newProject, type Scene } from './scenes.ts';
import { runVictim } from './victim.ts';

/** The cache of a project. */
export const cacheOf = (root: string): string => join(root, '.mlops/cache');

/** The text of a project's lockfile; of none, that of an empty one. */
export const lockfileOf = (root: string): string => readTextFile(join(root, '.mlops.lock.yaml')) ?? 'version: 1\n';

/** All that a user sees of a project. */
export function stateOf(root: string) {
  return { workspace: Object.fromEntries(lookAtWorkspace(root)), lockfile: lockfileOf(root) };
}

/** A project before a command, in as many copies as are asked for, and what an undisturbed run makes of it. */
export interface Rehearsal {
  readonly copy: (folder?: string) => Promise<string>;
  /** How many calls of the process change a file system. */
  readonly calls: number;
  readonly milliseconds: number;
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReturnType<typeof stateOf>;
}

/** Prepares a scene, and plays it once. */
export async function rehearse(scene: Scene): Promise<Rehearsal> {
  const template = await newProject();
  await scene.prepare(template);
  const copy = async (folder?: string): Promise<string> => {
    const root = join(folder ?? (await createFolder()), 'project');
    execFileSync('cp', ['-a', template, root]);
    scene.before?.(root);
    return root;
  };
  const root = await copy();
  const count = join(root, '../calls');
  const { exitCode, err, milliseconds } = await runVictim(root, scene.command, { fault: `count ${count}` });
  expect([exitCode, err]).toEqual([0, expect.not.stringContaining('error')]);
  const calls = Number(readFileSync(count, 'utf8'));
  return { copy, calls, milliseconds, before: lookAtWorkspace(template), after: stateOf(root) };
}

/** The files of a user of which the bytes are neither in the workspace nor in the cache, or not in the cache where they have to be. */
export function lostFiles(
  root: string,
  { before }: Rehearsal,
  objects: ReadonlySet<string>,
  isCached = false,
): string[] {
  const now = new Set([...lookAtWorkspace(root).values()].map(hexIn));
  return [...before].flatMap(([path, what]) => {
    const isData = !path.startsWith('.') && !path.endsWith('/') && !what.startsWith('->');
    const isThere = objects.has(hexIn(what)) || (!isCached && now.has(hexIn(what)));
    return isData && !isThere ? [path] : [];
  });
}

function hexIn(what: string): string {
  return what.replace('x ', '');
}
