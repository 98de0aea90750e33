import type { LockedPath, LockedStage } from '../../../core/lockfile.ts';
import type { Stage } from '../../../core/stage.ts';
import type { Value } from '../../../core/value.ts';
import type { OutputState, Snapshot } from './decide.ts';
import { RUNNERS } from '../runners/index.ts';

/** The project's files as they are now, as far as a stage looks at them. */
export interface Workspace {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a path or pattern is; null when nothing is there. */
  measure(path: string): Promise<LockedPath | null>;
  /** Values under dotted names, or of the whole file; null when the file is not there. Fails on a name that it lacks. */
  params(file: string, names: readonly string[] | null): Promise<Readonly<Record<string, Value>> | null>;
}

/** Looks at everything that a stage is made of, as it is now. */
export async function takeSnapshot(stage: Stage, workspace: Workspace): Promise<Snapshot> {
  const deps: [string, LockedPath | null][] = [];
  for (const path of stage.dependencies) deps.push([path, await workspace.measure(path)]);

  const params: [string, Readonly<Record<string, Value>>][] = [];
  for (const { file, names } of stage.params) {
    const values = await workspace.params(file, names);
    if (values !== null) params.push([file, values]);
    else deps.push([file, null]);
  }

  const outputs: [string, OutputState][] = [];
  for (const { path, role, cache, persist } of stage.outputs) {
    outputs.push([path, { role, cache, persist, content: await workspace.measure(path) }]);
  }

  return {
    cmd: stage.runner === 'command' ? stage.scripts : null,
    shell: stage.shell,
    wdir: stage.wdir,
    settings: RUNNERS[stage.runner].resolveSettings(stage, workspace.root),
    alwaysChanged: stage.alwaysChanged,
    deps: Object.fromEntries(deps),
    params: Object.fromEntries(params),
    env: Object.fromEntries(stage.env.map((name) => [name, workspace.env[name] ?? null])),
    outputs: Object.fromEntries(outputs),
  };
}

/** The dependencies, and params files, that are not there. */
export function missingDependencies(now: Snapshot): string[] {
  return Object.keys(now.deps).filter((path) => now.deps[path] === null);
}

/** What the lockfile records of a stage that ran, with the outputs that it wrote. All of its dependencies must be there. */
export function lockedStageOf(now: Snapshot, written: ReadonlyMap<string, LockedPath>): LockedStage {
  const { cmd, shell, wdir, params, env, settings } = now;
  const deps = Object.entries(now.deps).flatMap(([path, content]) =>
    content === null ? [] : [[path, content] as const],
  );
  const outputs = Object.entries(now.outputs).flatMap(([path, { role, cache, persist }]) => {
    const content = written.get(path);
    return content === undefined ? [] : [[path, { ...content, role, cache, persist }] as const];
  });
  return {
    cmd,
    shell,
    wdir,
    params,
    env,
    settings,
    deps: Object.fromEntries(deps),
    outputs: Object.fromEntries(outputs),
  };
}

/** A recorded stage as the moment in which it was recorded. */
export function snapshotOfLocked({ outputs, ...locked }: LockedStage): Snapshot {
  const states = Object.entries(outputs).map(([path, { role, cache, persist, ...content }]): [string, OutputState] => [
    path,
    { role, cache, persist, content },
  ]);
  return { ...locked, alwaysChanged: false, outputs: Object.fromEntries(states) };
}
