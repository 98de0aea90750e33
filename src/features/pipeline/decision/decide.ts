import type { LockedPath, LockedStage } from '../../../core/lockfile.ts';
import type { StaleReason } from '../../../core/run.ts';
import type { OutputRole } from '../../../core/stage.ts';
import { equalValues, isMap, sortedKeys, type Value, type ValueMap } from '../../../core/value.ts';

/** An output as the pipeline defines it, with what is at its path now; null when nothing is. */
export interface OutputState {
  readonly role: OutputRole;
  readonly cache: boolean;
  readonly persist: boolean;
  readonly content: LockedPath | null;
}

/** All that one stage is at one moment: its resolved definition and the content of everything it reads and writes. */
export interface Snapshot {
  /** The scripts; null for a built-in stage. */
  readonly cmd: readonly string[] | null;
  readonly shell: string | null;
  readonly wdir: string;
  readonly settings: ValueMap | null;
  readonly alwaysChanged: boolean;
  /** Null: nothing is there. */
  readonly deps: Readonly<Record<string, LockedPath | null>>;
  readonly params: Readonly<Record<string, Readonly<Record<string, Value>>>>;
  readonly env: Readonly<Record<string, string | null>>;
  readonly outputs: Readonly<Record<string, OutputState>>;
}

/** Why a stage must run again: every reason, in a fixed order. None: it is up to date. */
export function staleReasons(now: Snapshot, locked: LockedStage | undefined): StaleReason[] {
  const always: StaleReason[] = now.alwaysChanged ? [{ type: 'always-changed' }] : [];
  if (locked === undefined) return [{ type: 'never-run' }, ...always];
  return [
    ...commandReasons(now, locked),
    ...settingsReasons(now, locked),
    ...dependencyReasons(now, locked),
    ...paramReasons(now, locked),
    ...envReasons(now, locked),
    ...outputReasons(now, locked),
    ...always,
  ];
}

/** Whether two contents are the same: kind, bytes, and the executable bit of a file. */
export function sameContent(a: LockedPath, b: LockedPath): boolean {
  if (a.kind !== b.kind || a.digest !== b.digest) return false;
  return a.kind === 'tree' || b.kind === 'tree' || a.executable === b.executable;
}

function commandReasons(now: Snapshot, locked: LockedStage): StaleReason[] {
  const reasons: StaleReason[] = [];
  const sameRunner = runnerOf(now.settings) === runnerOf(locked.settings);
  if (!sameRunner || now.shell !== locked.shell || !equalValues(now.cmd, locked.cmd)) {
    reasons.push({ type: 'command-changed' });
  }
  if (now.wdir !== locked.wdir) reasons.push({ type: 'working-directory-changed' });
  return reasons;
}

function settingsReasons(now: Snapshot, locked: LockedStage): StaleReason[] {
  const runner = runnerOf(now.settings);
  if (runner === null || runner !== runnerOf(locked.settings)) return [];
  const changes = compareValues(locked.settings?.[runner], now.settings?.[runner], '');
  return changes.map(({ name }) => ({ type: 'settings-changed', name }));
}

function dependencyReasons(now: Snapshot, locked: LockedStage): StaleReason[] {
  return namesOf(now.deps, locked.deps).flatMap((path): StaleReason[] => {
    if (!Object.hasOwn(now.deps, path)) return [{ type: 'dependency-removed', path }];
    const content = now.deps[path] ?? null;
    if (content === null) return [{ type: 'dependency-missing', path }];
    const before = own(locked.deps, path);
    if (before === undefined) return [{ type: 'dependency-added', path }];
    return sameContent(content, before) ? [] : [{ type: 'dependency-changed', path }];
  });
}

function paramReasons(now: Snapshot, locked: LockedStage): StaleReason[] {
  return namesOf(now.params, locked.params).flatMap((file) => {
    const [before, after] = [own(locked.params, file) ?? {}, own(now.params, file) ?? {}];
    // A whole file stands under `*`; its own names say more.
    return namesOf(before, after).flatMap((name) =>
      compareValues(own(before, name), own(after, name), name === '*' ? '' : name).map((change): StaleReason => ({
        type: `param-${change.type}`,
        file,
        name: change.name === '' ? '*' : change.name,
      })),
    );
  });
}

function envReasons(now: Snapshot, locked: LockedStage): StaleReason[] {
  const changed = namesOf(now.env, locked.env).filter((name) => own(now.env, name) !== own(locked.env, name));
  return changed.map((name) => ({ type: 'env-changed', name }));
}

function outputReasons(now: Snapshot, locked: LockedStage): StaleReason[] {
  return namesOf(now.outputs, locked.outputs).flatMap((path): StaleReason[] => {
    const output = own(now.outputs, path);
    const before = own(locked.outputs, path);
    if (output === undefined) return [{ type: 'output-removed', path }];
    if (before === undefined) return [{ type: 'output-added', path }];
    const settings = (['role', 'cache', 'persist'] as const).filter((key) => output[key] !== before[key]);
    const reasons = settings.map((key): StaleReason => ({ type: 'settings-changed', name: `${path}: ${key}` }));
    if (output.content === null) reasons.push({ type: 'output-missing', path });
    else if (!sameContent(output.content, before)) reasons.push({ type: 'output-changed', path });
    return reasons;
  });
}

interface ValueChange {
  readonly type: 'added' | 'removed' | 'changed';
  readonly name: string;
}

/** What differs between two values, by the dotted names of the smallest parts that do. */
function compareValues(before: Value | undefined, after: Value | undefined, name: string): ValueChange[] {
  if (equalValues(before, after)) return [];
  if (before === undefined) return [{ type: 'added', name }];
  if (after === undefined) return [{ type: 'removed', name }];
  if (!isMap(before) || !isMap(after)) return [{ type: 'changed', name }];
  return namesOf(before, after).flatMap((key) =>
    compareValues(own(before, key), own(after, key), name === '' ? key : `${name}.${key}`),
  );
}

/** `{ train: … }` → `train`: a built-in stage's settings stand under its runner's name. */
function runnerOf(settings: ValueMap | null): string | null {
  return settings === null ? null : (Object.keys(settings)[0] ?? null);
}

/** The keys of two maps, sorted, each once. */
function namesOf(a: object, b: object): string[] {
  return sortedKeys(Object.fromEntries([...Object.keys(a), ...Object.keys(b)].map((key) => [key, true])));
}

/** A map's own entry: `constructor` is an ordinary name here. */
function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
