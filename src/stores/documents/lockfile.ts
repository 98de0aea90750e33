import { invalidFile, type MlopsError } from '../../core/errors.ts';
import type { LockedData, LockedPath, LockedStage, Lockfile } from '../../core/lockfile.ts';
import type { OutputRole } from '../../core/stage.ts';
import { encodeValue, isList, isMap, sortedKeys, type Value, type ValueMap } from '../../core/value.ts';
import { parseBlocks } from './blocks.ts';
import { emptyMap } from './flow.ts';
import { decodeLockfile } from './lockfile-decoder.ts';
import { encodeKey, encodeLine } from './plain-text.ts';
import { conflictIn } from './text.ts';

const WAY_OUT =
  'Take the last committed one with `git checkout HEAD -- .mlops.lock.yaml`. If there is none, move it away and run ' +
  '`mlops add` and `mlops repro` again: the data is untouched.';

/** What helps with a damaged lockfile where Git has none. */
export const WAY_OUT_WITHOUT_GIT =
  'Put a copy of it in its place, or move it away and run `mlops add` and `mlops repro` again: the data is untouched.';

/**
 * What the text of a lockfile says. Only the form that `encodeLockfile` writes is taken (line ends may be CRLF), so that a
 * lockfile that was damaged, merged by hand or made to harm is never half understood.
 */
export function parseLockfile(text: string, file = '.mlops.lock.yaml', wayOut = WAY_OUT): Lockfile {
  const unix = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  const problem = (at: number, message: string, hint = wayOut): MlopsError => {
    const before = unix.slice(0, at).split('\n');
    const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    return invalidFile([{ file, ...place, message: `${message[0]?.toUpperCase()}${message.slice(1)}.` }], hint);
  };

  const conflict = conflictIn(unix);
  if (conflict !== undefined) {
    throw problem(conflict, 'Git left the marks of a merge conflict here', 'mlops merge');
  }
  const version = /^version: (\d+)\n/.exec(unix)?.[1];
  if (version !== undefined && version !== '1') {
    throw problem(9, `only version 1 is known, and this is version ${version}`, 'Update mlops: npm i -g mlops');
  }
  const lockfile = decodeLockfile(parseBlocks(unix, problem), problem);
  const canonical = encodeLockfile(lockfile);
  if (canonical !== unix) throw problem(firstDifference(unix, canonical), 'this is not as mlops writes it');
  return lockfile;
}

/** The one text of a lockfile: equal lockfiles give equal bytes on every machine, one line for each path. */
export function encodeLockfile(lockfile: Lockfile): string {
  const lines = ['version: 1'];
  const data = sortedKeys(lockfile.data);
  if (data.length > 0) lines.push('data:');
  for (const path of data) {
    const locked = lockfile.data[path];
    if (locked !== undefined) lines.push(`  ${encodeKey(path)}: ${encodeData(locked)}`);
  }
  const stages = sortedKeys(lockfile.stages);
  if (stages.length > 0) lines.push('stages:');
  for (const name of stages) {
    const stage = lockfile.stages[name];
    if (stage === undefined) continue;
    lines.push(`  ${encodeKey(name)}:${textOf(stage)}`);
  }
  return `${lines.join('\n')}\n`;
}

// A long pipeline writes its lockfile after each stage, and only that stage is new: the others keep their text.
const texts = new WeakMap<LockedStage, string>();

function textOf(stage: LockedStage): string {
  let text = texts.get(stage);
  if (text === undefined) {
    const lines = [''];
    pushStage(lines, stage);
    text = lines.join('\n');
    texts.set(stage, text);
  }
  return text;
}

function pushStage(lines: string[], stage: LockedStage): void {
  const empty = lines.length;
  pushCommand(lines, stage.cmd);
  if (stage.shell !== null) lines.push(`    shell: ${encodeLine(stage.shell)}`);
  if (stage.wdir !== '.') lines.push(`    wdir: ${encodeLine(stage.wdir)}`);
  pushSection(lines, 'deps', stage.deps, encodePath);
  pushSection(lines, 'params', stage.params, encodeFlow);
  if (Object.keys(stage.env).length > 0) lines.push(`    env: ${encodeFlow(stage.env)}`);
  const outputs = sortedKeys(stage.outputs);
  for (const role of ['outs', 'metrics', 'plots'] as const) pushOutputs(lines, role, outputs, stage);
  pushSettings(lines, stage);
  if (lines.length === empty) lines[empty - 1] += ' {}';
}

function pushCommand(lines: string[], cmd: LockedStage['cmd']): void {
  if (cmd === null) return;
  if (cmd.length === 1) lines.push(`    cmd: ${encodeLine(cmd[0] ?? '')}`);
  else if (cmd.length === 0) lines.push('    cmd: []');
  else lines.push('    cmd:', ...cmd.map((script) => `      - ${encodeLine(script)}`));
}

function pushSection<T>(lines: string[], name: string, map: Readonly<Record<string, T>>, encode: (item: T) => string) {
  const keys = sortedKeys(map);
  if (keys.length > 0) lines.push(`    ${name}:`);
  for (const key of keys) {
    const item = map[key];
    if (item !== undefined) lines.push(`      ${encodeKey(key)}: ${encode(item)}`);
  }
}

function pushOutputs(lines: string[], role: OutputRole, sorted: readonly string[], { outputs }: LockedStage): void {
  let first = true;
  for (const path of sorted) {
    const output = outputs[path];
    if (output?.role !== role) continue;
    if (first) lines.push(`    ${role}:`);
    first = false;
    lines.push(`      ${encodeKey(path)}: ${encodePath(output)}`);
  }
}

/**
 * What is not the default: under `outputs`, the flags of an output by its path; under the name of a built-in stage, its
 * resolved configuration, one line for each key.
 */
function pushSettings(lines: string[], stage: LockedStage): void {
  const sections = emptyMap<ValueMap>();
  for (const [name, value] of Object.entries(stage.settings ?? {})) if (isMap(value)) sections[name] = value;
  const flags = emptyMap<ValueMap>();
  for (const path of Object.keys(stage.outputs)) {
    const output = stage.outputs[path];
    if (output === undefined) continue;
    const cache = output.cache !== cachedByDefault(output.role);
    if (!cache && !output.persist) continue;
    const flag = { ...(cache ? { cache: output.cache } : {}), ...(output.persist ? { persist: true } : {}) };
    flags[path] = flag;
  }
  if (Object.keys(flags).length > 0) sections['outputs'] = flags;
  if (Object.keys(sections).length === 0) return;

  lines.push('    settings:');
  for (const name of sortedKeys(sections)) {
    const section = sections[name] ?? {};
    const keys = sortedKeys(section);
    lines.push(`      ${encodeKey(name)}:${keys.length === 0 ? ' {}' : ''}`);
    for (const key of keys) {
      const value = section[key] ?? null;
      lines.push(`        ${encodeKey(key)}: ${encodeFlow(value)}`);
    }
  }
}

/** Outputs go to the cache and stay out of Git; metrics and plots are small and stay in Git. */
export function cachedByDefault(role: OutputRole): boolean {
  return role === 'outs';
}

function encodeData(locked: LockedData): string {
  if (locked.from === undefined) return encodePath(locked);
  return `${encodePath(locked).slice(0, -2)}, from: ${encodeFlow(locked.from)} }`;
}

function encodePath(locked: LockedPath): string {
  if (locked.kind === 'tree') return `{ tree: "${locked.digest}", size: ${locked.size}, files: ${locked.files} }`;
  const executable = locked.executable ? ', executable: true' : '';
  return `{ file: "${locked.digest}", size: ${locked.size}${executable} }`;
}

/** As `encodeValue`, with keys bare where they can be: people read this in reviews. */
function encodeFlow(value: Value): string {
  if (isList(value)) return `[${value.map(encodeFlow).join(', ')}]`;
  if (!isMap(value)) return encodeValue(value);
  const fields = sortedKeys(value).map((key) => `${encodeKey(key)}: ${encodeFlow(value[key] ?? null)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
