import { isDigest } from '../../core/digest.ts';
import { pathProblem } from '../../core/entry-name.ts';
import type { LockedData, LockedOutput, LockedPath, LockedStage, Lockfile } from '../../core/lockfile.ts';
import type { OutputRole } from '../../core/stage.ts';
import { isMap, type Value, type ValueMap } from '../../core/value.ts';
import { type BlockEntry, BlockMap, type ProblemAt } from './blocks.ts';
import { emptyMap } from './flow.ts';
import { PathOwners } from './path-owners.ts';
import { fullNameProblem } from './stage-name.ts';

type Fields = ReadonlyMap<string, BlockEntry>;

const STAGE_KEYS = ['cmd', 'shell', 'wdir', 'deps', 'params', 'env', 'outs', 'metrics', 'plots', 'settings'];

const NO_FLAGS = { cache: undefined, persist: undefined };

/** Makes a lockfile of its lines; refuses unknown keys, values of another type and paths that no project may have. */
export function decodeLockfile(document: BlockMap, problem: ProblemAt): Lockfile {
  const fields = fieldsOf(document, ['version', 'data', 'stages'], problem);
  const version = fields.get('version');
  if (version === undefined) throw problem(0, 'the line "version: 1" is missing');
  if (version.value !== 1n) throw problem(version.valueAt, 'only version 1 is known');
  const owners = new PathOwners([]);
  return {
    data: decodeMap(fields.get('data'), problem, (entry) => {
      checkPath(entry, problem);
      own(owners, entry, 'tracked data', problem);
      return decodeData(entry, problem);
    }),
    stages: decodeMap(fields.get('stages'), problem, (entry) => decodeStage(entry, owners, problem)),
  };
}

/** A path that two have, has two contents. */
function own(owners: PathOwners, { key, at }: BlockEntry, owner: string, problem: ProblemAt): void {
  const other = owners.overlapping(key);
  if (other !== undefined) {
    throw problem(
      at,
      `"${key}", ${owner}, and "${other.path}", ${other.owner}, are one path, or one lies in the other`,
    );
  }
  owners.add(key, owner);
}

function decodeStage(entry: BlockEntry, owners: PathOwners, problem: ProblemAt): LockedStage {
  const wrong = fullNameProblem(entry.key);
  if (wrong !== null) throw problem(entry.at, `the stage's name ${wrong}`);
  const empty = isMap(asValue(entry.value)) && Object.keys(entry.value ?? {}).length === 0;
  const fields = fieldsOf(empty ? new BlockMap([]) : entry.value, STAGE_KEYS, problem, entry);
  const { settings, flags } = decodeSettings(fields.get('settings'), problem);
  const wdir = decodeText(fields.get('wdir'), problem) ?? '.';
  if (wdir !== '.' && pathProblem(wdir) !== null)
    throw problem(fields.get('wdir')?.valueAt ?? 0, `${pathProblem(wdir)}`);
  return {
    cmd: decodeCommand(fields.get('cmd'), problem),
    shell: decodeText(fields.get('shell'), problem),
    wdir,
    deps: decodeMap(fields.get('deps'), problem, (dep) => {
      checkPath(dep, problem);
      return decodePath(dep, problem);
    }),
    params: decodeMap(fields.get('params'), problem, (file) => {
      checkPath(file, problem);
      return decodeFlow(file, problem);
    }),
    env: decodeEnv(fields.get('env'), problem),
    outputs: decodeOutputs(fields, flags, problem, (output) =>
      own(owners, output, `an output of ${JSON.stringify(entry.key)}`, problem),
    ),
    settings,
  };
}

function decodeOutputs(
  fields: Fields,
  flags: ValueMap,
  problem: ProblemAt,
  claim: (entry: BlockEntry) => void,
): Record<string, LockedOutput> {
  const outputs = emptyMap<LockedOutput>();
  for (const role of ['outs', 'metrics', 'plots'] as const satisfies OutputRole[]) {
    decodeMap(fields.get(role), problem, (entry) => {
      checkPath(entry, problem);
      claim(entry);
      const flag = flags[entry.key];
      const { cache, persist } = isMap(flag) ? flag : NO_FLAGS;
      const output = { role, cache: typeof cache === 'boolean' ? cache : role === 'outs', persist: persist === true };
      outputs[entry.key] = Object.assign(decodePath(entry, problem), output);
    });
  }
  return outputs;
}

function decodeSettings(entry: BlockEntry | undefined, problem: ProblemAt) {
  const sections = decodeMap(entry, problem, (section) => {
    if (!(section.value instanceof BlockMap)) return decodeFlow(section, problem);
    return decodeMap(section, problem, ({ value, valueAt }) => {
      if (value instanceof BlockMap) throw problem(valueAt, 'a value is missing here');
      return value;
    });
  });
  const { outputs: flags, ...settings } = sections;
  const names = Object.keys(settings);
  return { flags: flags ?? {}, settings: names.length === 0 ? null : Object.assign(emptyMap<Value>(), settings) };
}

function decodeData(entry: BlockEntry, problem: ProblemAt): LockedData {
  if (FILE.test(entry.raw ?? '')) return decodePath(entry, problem);
  const { from } = decodeFlow(entry, problem);
  if (from === undefined) return decodePath(entry, problem);
  if (!isMap(from)) throw problem(entry.valueAt, '"from" is not a mapping');
  return { ...decodePath(entry, problem), from };
}

// A lockfile is paths for the most part, and each of them has one form.
const FILE = /^\{ file: "(blake3:[0-9a-f]{64})", size: (\d{1,15})(, executable: true)? \}$/;

function decodePath(entry: BlockEntry, problem: ProblemAt): LockedPath {
  const [, plain, bytes, mode] = FILE.exec(entry.raw ?? '') ?? [];
  if (isDigest(plain)) return { kind: 'file', digest: plain, size: Number(bytes), executable: mode !== undefined };
  const { file, tree, size, files, executable } = decodeFlow(entry, problem);
  const digest = file ?? tree;
  if (!isDigest(digest)) throw problem(entry.valueAt, `"${entry.key}" has no digest of 64 hex digits`);
  if (!isCount(size)) throw problem(entry.valueAt, `the size of "${entry.key}" is not a count of bytes`);
  if (file !== undefined) return { kind: 'file', digest, size: Number(size), executable: executable === true };
  if (!isCount(files)) throw problem(entry.valueAt, `the folder "${entry.key}" does not say how many files it has`);
  return { kind: 'tree', digest, size: Number(size), files: Number(files) };
}

function decodeCommand(entry: BlockEntry | undefined, problem: ProblemAt): readonly string[] | null {
  if (entry === undefined) return null;
  const { value } = entry;
  const scripts: unknown[] = Array.isArray(value) ? value : [value];
  const texts = scripts.filter((script) => typeof script === 'string');
  if (texts.length < scripts.length) throw problem(entry.valueAt, '"cmd" is neither a text nor a list of texts');
  return texts;
}

function decodeEnv(entry: BlockEntry | undefined, problem: ProblemAt): Record<string, string | null> {
  const env = emptyMap<string | null>();
  if (entry === undefined) return env;
  for (const [name, value] of Object.entries(decodeFlow(entry, problem))) {
    if (value !== null && typeof value !== 'string')
      throw problem(entry.valueAt, `"${name}" is neither a text nor null`);
    env[name] = value;
  }
  return env;
}

function decodeText(entry: BlockEntry | undefined, problem: ProblemAt): string | null {
  if (entry === undefined) return null;
  if (typeof entry.value !== 'string') throw problem(entry.valueAt, `"${entry.key}" is not a text`);
  return entry.value;
}

function decodeMap<T>(entry: BlockEntry | undefined, problem: ProblemAt, decode: (entry: BlockEntry) => T) {
  const map = emptyMap<T>();
  if (entry === undefined) return map;
  if (!(entry.value instanceof BlockMap)) throw problem(entry.valueAt, `"${entry.key}" has no lines of its own`);
  for (const each of entry.value.entries) map[each.key] = decode(each);
  return map;
}

function decodeFlow({ key, value, valueAt }: BlockEntry, problem: ProblemAt): ValueMap {
  if (value instanceof BlockMap || !isMap(value)) throw problem(valueAt, `"${key}" is not a mapping in braces`);
  return value;
}

function fieldsOf(
  value: Value | BlockMap,
  known: readonly string[],
  problem: ProblemAt,
  above: { at: number; key: string } = { at: 0, key: 'the lockfile' },
): Fields {
  if (!(value instanceof BlockMap)) throw problem(above.at, `"${above.key}" has no lines of its own`);
  const stray = value.entries.find(({ key }) => !known.includes(key));
  if (stray !== undefined) throw problem(stray.at, `"${stray.key}" is not known here`);
  return new Map(value.entries.map((entry) => [entry.key, entry]));
}

function checkPath({ key, at }: BlockEntry, problem: ProblemAt): void {
  const wrong = pathProblem(key);
  if (wrong !== null) throw problem(at, `the path ${JSON.stringify(key)} is refused: ${wrong}`);
}

function asValue(value: Value | BlockMap): Value | undefined {
  return value instanceof BlockMap ? undefined : value;
}

function isCount(value: Value | undefined): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER);
}
