import { type Literal, scriptOf, type Single } from './definition.ts';
import { contentAt, copyAt, filesAt, touches, type World } from './world.ts';

/** What a stage was when it last ended well. */
export interface Entry {
  readonly cmd: string;
  readonly deps: Readonly<Record<string, string>>;
  /** File → name → what the value is the same as. */
  readonly params: Readonly<Record<string, Readonly<Record<string, Literal['same']>>>>;
  readonly env: Readonly<Record<string, string | null>>;
  readonly outs: Readonly<Record<string, { content: string; role: string; cache: boolean; persist: boolean }>>;
}

/** All that there is: the files, the lockfile, the run cache and the cache, as the simplest program would have them. */
export interface Model {
  readonly world: World;
  readonly params: Record<string, Literal>;
  readonly other: Record<string, number>;
  stages: readonly Single[];
  env: string | undefined;
  entries: Map<string, Entry>;
  runs: Entry[];
  /** Contents that the cache has, with the files that they are, by what follows the path. */
  readonly cache: Map<string, [string, { text: string; executable: boolean }][]>;
}

/** What the model is asked. */
export interface Asked {
  readonly targets: readonly string[];
  readonly force: boolean;
  readonly single: boolean;
  readonly downstream: boolean;
  readonly keepGoing: boolean;
  readonly ignoreErrors: boolean;
  readonly forceDownstream: boolean;
  readonly runCache: boolean;
  readonly commit: boolean;
}

/** What became of a stage, and why: each reason as a text. */
export interface Fate {
  readonly outcome: string;
  readonly reasons: readonly string[];
}

const clean = (path: string) => path.replace(/\/$/, '');

/** The stages that a stage waits for. */
export function above(model: Model, stage: Single): Single[] {
  return model.stages.filter(
    (other) => other !== stage && other.outs.some(({ path }) => stage.reads.some((read) => touches(read, path))),
  );
}

/** The names that a question is about. */
export function chosen(model: Model, { targets, single, downstream }: Asked): Set<string> {
  const names = new Set(targets.length === 0 ? model.stages.map(({ name }) => name) : targets);
  if (single) return names;
  for (let size = -1; size !== names.size;) {
    size = names.size;
    for (const stage of model.stages) {
      for (const other of above(model, stage)) {
        if (downstream && names.has(other.name)) names.add(stage.name);
        if (!downstream && names.has(stage.name)) names.add(other.name);
      }
    }
  }
  return names;
}

/** Does what `repro` does, in an order that is given. */
export function runModel(model: Model, asked: Asked, order: readonly string[]): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  const before = new Map(model.entries);
  for (const name of order) {
    const stage = model.stages.find((one) => one.name === name);
    if (stage !== undefined) fates.set(name, runOne(model, asked, { stage, fates, before }));
  }
  for (const name of model.entries.keys())
    if (!model.stages.some((stage) => stage.name === name)) model.entries.delete(name);
  return fates;
}

interface Turn {
  readonly stage: Single;
  readonly fates: ReadonlyMap<string, Fate>;
  /** As it was when the run began. */
  readonly before: ReadonlyMap<string, Entry>;
}

function runOne(model: Model, asked: Asked, { stage, fates, before }: Turn): Fate {
  const outcomesAbove = above(model, stage).map((other) => ({
    name: other.name,
    outcome: fates.get(other.name)?.outcome,
  }));
  const isBroken = (outcome: string | undefined) => outcome === 'failed' || outcome === 'blocked';
  if (!asked.ignoreErrors) {
    if (!asked.keepGoing && [...fates.values()].some(({ outcome }) => isBroken(outcome)))
      return { outcome: 'blocked', reasons: [] };
    if (!stage.frozen && outcomesAbove.some(({ outcome }) => isBroken(outcome)))
      return { outcome: 'blocked', reasons: [] };
  }
  if (stage.frozen) return { outcome: 'frozen', reasons: [] };

  const now = lookAt(model, stage);
  const last = before.get(stage.name);
  const moved = asked.forceDownstream
    ? outcomesAbove.filter(({ outcome }) => outcome === 'ran' || outcome === 'restored')
    : [];
  const forced = [...(asked.force ? ['forced'] : []), ...moved.map(({ name }) => `upstream-ran ${name}`)];
  const reasons = [...differences(stage, now, last), ...forced];
  if (reasons.length === 0) return { outcome: 'up-to-date', reasons };
  if (Object.values(now.deps).includes(null)) return { outcome: 'failed', reasons };

  const canRestore = asked.runCache && forced.length === 0 && isCacheable(stage, now);
  const key = keyOf(now);
  const candidates = [...(last ? [last] : []), ...model.runs.toReversed()].filter((entry) => keyOf(entry) === key);
  const found = canRestore
    ? candidates.find((entry) =>
        Object.entries(entry.outs).every(
          ([path, { content }]) => model.cache.has(content) || contentAt(model.world, path) === content,
        ),
      )
    : undefined;
  if (found !== undefined) {
    for (const { path } of stage.outs) store(model, path);
    for (const [path, { content }] of Object.entries(found.outs)) {
      if (contentAt(model.world, path) === content) continue;
      for (const [file] of filesAt(model.world, path)) model.world.delete(file);
      for (const [rest, what] of model.cache.get(content) ?? []) model.world.set(`${path}${rest}`, what);
    }
    write(model, stage, found);
    return { outcome: 'restored', reasons };
  }
  for (const { path, role, cache } of stage.outs) {
    const isKept = cache || role !== 'outs';
    if (isKept || contentAt(model.world, path) !== last?.outs[clean(path)]?.content) store(model, path);
  }
  const changed = execute(model, stage);
  if (changed !== true) return { outcome: 'failed', reasons: [...reasons, ...changed] };
  const entry = entryOf(model, stage, now);
  if (asked.commit) {
    for (const { path, role, cache } of stage.outs) if (cache || role !== 'outs') store(model, path);
    if (isCacheable(stage, now)) model.runs.push(entry);
  }
  write(model, stage, entry);
  return { outcome: 'ran', reasons };
}

type Now = Omit<Entry, 'deps' | 'outs'> & {
  deps: Record<string, string | null>;
  outs: Record<string, { content: string | null; role: string; cache: boolean; persist: boolean }>;
};

function lookAt(model: Model, stage: Single): Now {
  const selected = Object.fromEntries(stage.params.map((name) => [name, model.params[name]?.same ?? '']));
  return {
    cmd: scriptOf(stage),
    deps: Object.fromEntries(stage.reads.map((path) => [path, contentAt(model.world, path)])),
    params: {
      ...(stage.params.length > 0 ? { 'params.yaml': selected } : {}),
      ...(stage.whole
        ? {
            'other.json': Object.fromEntries(
              Object.entries(model.other).map(([name, value]) => [name, `integer ${value}`]),
            ),
          }
        : {}),
    },
    env: stage.env ? { V: model.env ?? null } : {},
    outs: Object.fromEntries(
      stage.outs.map(({ path, role, cache, persist }) => [
        clean(path),
        { content: contentAt(model.world, path), role, cache, persist },
      ]),
    ),
  };
}

function differences(stage: Single, now: Now, last: Entry | undefined): string[] {
  const always = stage.alwaysChanged ? ['always-changed'] : [];
  if (last === undefined) return ['never-run', ...always];
  const reasons: string[] = [];
  if (now.cmd !== last.cmd) reasons.push('command-changed');
  for (const path of keys(now.deps, last.deps)) {
    if (!(path in now.deps)) reasons.push(`dependency-removed ${path}`);
    else if (now.deps[path] === null) reasons.push(`dependency-missing ${path}`);
    else if (!(path in last.deps)) reasons.push(`dependency-added ${path}`);
    else if (now.deps[path] !== last.deps[path]) reasons.push(`dependency-changed ${path}`);
  }
  for (const file of keys(now.params, last.params)) {
    const isWholeNew = file === 'other.json' && !(file in last.params && file in now.params);
    if (isWholeNew) {
      reasons.push(`param-${file in now.params ? 'added' : 'removed'} ${file} *`);
      continue;
    }
    const [then, here] = [last.params[file] ?? {}, now.params[file] ?? {}];
    for (const name of keys(then, here)) {
      const [a, b] = [then[name], here[name]];
      if (a === undefined || b === undefined)
        reasons.push(`param-${a === undefined ? 'added' : 'removed'} ${file} ${name}`);
      else if (typeof a === 'string' || typeof b === 'string') {
        if (a !== b) reasons.push(`param-changed ${file} ${name}`);
      } else
        for (const key of keys(a, b)) {
          if (a[key] === undefined || b[key] === undefined)
            reasons.push(`param-${a[key] === undefined ? 'added' : 'removed'} ${file} ${name}.${key}`);
          else if (a[key] !== b[key]) reasons.push(`param-changed ${file} ${name}.${key}`);
        }
    }
  }
  for (const name of keys(now.env, last.env)) if (now.env[name] !== last.env[name]) reasons.push(`env-changed ${name}`);
  for (const path of keys(now.outs, last.outs)) {
    const [then, here] = [last.outs[path], now.outs[path]];
    if (here === undefined) reasons.push(`output-removed ${path}`);
    else if (then === undefined) reasons.push(`output-added ${path}`);
    else {
      for (const flag of ['role', 'cache', 'persist'] as const)
        if (then[flag] !== here[flag]) reasons.push(`settings-changed ${path}: ${flag}`);
      if (here.content === null) reasons.push(`output-missing ${path}`);
      else if (here.content !== then.content) reasons.push(`output-changed ${path}`);
    }
  }
  return [...reasons, ...always];
}

function keys(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function isCacheable(stage: Single, now: Now): boolean {
  const hasInputs = Object.keys({ ...now.deps, ...now.params, ...now.env }).length > 0;
  return (
    !stage.alwaysChanged &&
    hasInputs &&
    stage.outs.length > 0 &&
    stage.outs.every(({ role, cache, persist }) => !persist && (cache || role !== 'outs'))
  );
}

/** Everything that can change a result, without what the outputs hold. */
function keyOf({ cmd, deps, params, env, outs }: Now | Entry): string {
  const flags = Object.entries(outs).map(([path, { role, cache, persist }]) => [path, role, cache, persist]);
  return JSON.stringify([
    cmd,
    sorted(deps),
    Object.entries(params)
      .map(([file, values]) => [file, sorted(values)])
      .toSorted(),
    env,
    flags.toSorted(),
  ]);
}

function sorted(map: object): unknown[] {
  return Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function store(model: Model, path: string): void {
  const content = contentAt(model.world, path);
  const at = clean(path);
  if (content !== null)
    model.cache.set(
      content,
      filesAt(model.world, path).map(([file, what]) => [file.slice(at.length), what]),
    );
}

function entryOf(model: Model, stage: Single, now: Now): Entry {
  const deps = Object.fromEntries(Object.entries(now.deps).map(([path, content]) => [path, content ?? '']));
  const outs = stage.outs.map(
    ({ path, role, cache, persist }) =>
      [clean(path), { content: contentAt(model.world, path) ?? '', role, cache, persist }] as const,
  );
  return { ...now, deps, outs: Object.fromEntries(outs) };
}

/** What was written last has its paths: whoever had one of them before has no entry any more. */
function write(model: Model, stage: Single, entry: Entry): void {
  for (const [name, { outs }] of model.entries) {
    const isTaken = Object.keys(outs).some((path) => Object.keys(entry.outs).some((own) => touches(path, own)));
    if (name !== stage.name && isTaken) model.entries.delete(name);
  }
  model.entries.set(stage.name, entry);
}

/** Does what the program does. Returns true, or why nothing may be recorded; then the outputs are what they were. */
function execute(model: Model, stage: Single): true | string[] {
  const { world } = model;
  const before: World = new Map(world);
  const giveBack = () => stage.outs.forEach(({ path }) => copyAt(before, world, path));
  const wants = (what: string) => world.has(`control/${what}-${stage.name}`);
  for (const { path, persist } of stage.outs)
    if (!persist) for (const [file] of filesAt(world, path)) world.delete(file);
  for (const [at, { path, persist }] of stage.outs.entries()) {
    if (at === 1 && wants('skip')) continue;
    const text = bodyOf(model, stage, before);
    if (path.endsWith('/')) {
      world.set(`${path}x`, { text, executable: false });
      world.set(`${path}sub/y`, { text: `${stage.word}\n`, executable: false });
    } else
      world.set(path, {
        text: persist ? `${world.get(path)?.text ?? ''}${text}` : text,
        executable: persist && world.get(path)?.executable === true,
      });
  }
  if (wants('fail')) {
    giveBack();
    return [];
  }
  const sources = stage.reads.filter((read) => 'xyz'.includes(read));
  if (wants('touch')) {
    for (const read of sources)
      world.set(read, {
        text: `${world.get(read)?.text ?? ''}more\n`,
        executable: world.get(read)?.executable === true,
      });
  }
  const changed = stage.reads.filter(
    (read) => contentAt(world, read) !== contentAt(before, read) || (wants('flip') && sources.includes(read)),
  );
  if (changed.length > 0) {
    giveBack();
    return changed.map((path) => `changed-during-run ${path}`);
  }
  if (stage.outs.some(({ path }) => contentAt(world, path) === null)) {
    giveBack();
    return [];
  }
  return true;
}

function bodyOf(model: Model, stage: Single, world: World): string {
  const lines = [`${stage.name} ${stage.word}\n`];
  for (const read of stage.reads) {
    for (const [file, { text }] of filesAt(world, read).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      lines.push(`${file}:\n${text}`);
  }
  if (stage.showsParams) lines.push(`${JSON.stringify(shownParams(model, stage), null, 2)}\n`);
  if (stage.hasSecret) lines.push(world.get('control/secret')?.text ?? '');
  if (stage.env) lines.push(`V=${model.env ?? 'unset'}\n`);
  return lines.join('');
}

function shownParams(model: Model, stage: Single): object {
  const selected = stage.params.map((name) => [name, model.params[name]?.json]);
  return {
    ...(stage.params.length > 0 ? { 'params.yaml': Object.fromEntries(selected) } : {}),
    ...(stage.whole ? { 'other.json': { '*': model.other } } : {}),
  };
}
