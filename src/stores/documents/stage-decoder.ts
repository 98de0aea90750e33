import { posix } from 'node:path';
import { BUILT_INS, type BuiltIn, decodeBuiltIn } from '../../core/built-in/index.ts';
import type { Place, Stage } from '../../core/stage.ts';
import type { ValueMap } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import type { WrittenStage } from './expand.ts';
import { decodeLimits, LIMIT_KEYS } from './limits-decoder.ts';
import { cachedByDefault } from './lockfile.ts';
import { decodeOutputs, type PlacedOutput } from './output-decoder.ts';
import { decodeParams } from './params-decoder.ts';
import { toProjectPath } from './project-path.ts';
import { decodeShell } from './shell-decoder.ts';
import { fullName, stageNameProblem } from './stage-name.ts';
import { isNull, mapOf, type YamlField, type YamlNode } from './yaml-node.ts';

/** A stage with the places of what the laws between stages look at. */
export interface PlacedStage {
  readonly stage: Stage;
  /** The one of the file it stands in, which the places belong to. */
  readonly decoder: Decoder;
  readonly at: number;
  readonly outputs: readonly PlacedOutput[];
  readonly dependencies: readonly { readonly path: string; readonly at: number }[];
}

/** What every stage may say. */
export const COMMON_KEYS: readonly string[] = [
  'wdir',
  'deps',
  'params',
  'env',
  'frozen',
  'always_changed',
  'desc',
  'meta',
  ...LIMIT_KEYS,
];
/** What only a stage with a command may say. */
export const COMMAND_KEYS: readonly string[] = ['cmd', 'shell', 'outs', 'metrics', 'plots'];
const RUNNERS: readonly string[] = ['cmd', ...BUILT_INS];
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Reads one stage after its `${…}` were replaced; undefined when it is not clear what it does. */
export function decodeStage(written: WrittenStage, decoder: Decoder): PlacedStage | undefined {
  const { at, node, filledIn } = written;
  const wrongName = stageNameProblem(written.name);
  if (wrongName !== null) decoder.problem(at, `The stage's name ${JSON.stringify(written.name)} ${wrongName}.`);
  const name = fullName(decoder.folder, written.name);
  const given = decoder.fields(node, `the stage "${name}"`, [...COMMON_KEYS, ...COMMAND_KEYS, ...BUILT_INS]);
  // A key with nothing behind it says nothing, except for those that say what the stage does.
  const fields = new Map([...given].filter(([key, { value }]) => RUNNERS.includes(key) || !isNull(value)));
  const runner = runnerOf(name, at, fields, decoder);
  const wdir = decodeWdir(fields.get('wdir'), decoder);
  const dependencies = decodePaths(fields.get('deps'), wdir, decoder);
  const outputs = (['outs', 'metrics', 'plots'] as const).flatMap((role) =>
    decodeOutputs(fields.get(role), role, wdir, decoder),
  );
  const builtIn = runner === undefined || runner === 'command' ? null : readBuiltIn(runner, fields, wdir, decoder);
  const all = {
    dependencies: [...dependencies, ...(builtIn?.dependencies ?? [])],
    outputs: [...outputs, ...(builtIn?.outputs ?? [])],
  };
  const params = decodeParams(fields.get('params'), wdir, decoder);
  const placeAt = (offset: number): Place => ({ file: decoder.file, ...decoder.place(offset) });
  const stage = {
    name,
    scripts: decodeScripts(fields.get('cmd'), decoder),
    shell: decodeShell(fields.get('shell'), decoder),
    wdir,
    dependencies: [...new Set(all.dependencies.map(({ path }) => path))],
    params: params.selections,
    filledIn,
    env: decodeEnv(fields.get('env'), decoder),
    outputs: all.outputs.map(({ output }) => output),
    settings: builtIn?.settings ?? null,
    frozen: decoder.flag(fields.get('frozen')) ?? false,
    alwaysChanged: decoder.flag(fields.get('always_changed')) ?? false,
    ...decodeLimits(fields, decoder),
    desc: decoder.text(fields.get('desc')) ?? null,
    meta: decoder.values(fields.get('meta')) ?? null,
    place: placeAt(at),
    places: {
      outputs: new Map(all.outputs.map(({ output, at: offset }) => [output.path, placeAt(offset)])),
      params: new Map([...params.places].map(([name, offset]) => [name, placeAt(offset)])),
    },
  };
  if (runner === undefined || wrongName !== null) return undefined;
  return { stage: { ...stage, runner }, decoder, at, ...all };
}

function runnerOf(name: string, at: number, fields: ReadonlyMap<string, YamlField>, decoder: Decoder) {
  const given = (['cmd', ...BUILT_INS] as const).filter((key) => fields.has(key));
  const [first, second] = given;
  if (first === undefined)
    return decoder.problem(at, `The stage "${name}" does nothing: it needs "cmd", "train", "evaluate" or "predict".`);
  if (second !== undefined) {
    return decoder.problem(
      fields.get(second)?.at ?? at,
      `The stage "${name}" has both "${first}" and "${second}"; make two stages of it.`,
    );
  }
  if (first === 'cmd') return 'command' as const;
  for (const key of COMMAND_KEYS) {
    const field = fields.get(key);
    if (field !== undefined)
      decoder.problem(field.at, `"${key}" has no place beside "${first}", which says itself what it writes.`);
  }
  return first;
}

function readBuiltIn(kind: BuiltIn, fields: ReadonlyMap<string, YamlField>, wdir: string, decoder: Decoder) {
  const field = fields.get(kind);
  const map = field && decoder.map(field.value, `"${kind}"`);
  if (field === undefined || map === undefined) return null;
  const { settings, problems, dependencies, outputs } = decodeBuiltIn(kind, mapOf(map), { wdir });
  for (const { keys, message } of problems) decoder.problem(placeOf(map, keys) ?? field.at, message);
  const placed = (path: string) => ({ path, at: field.at });
  return {
    settings: settings as ValueMap,
    dependencies: dependencies.filter((path) => path !== '').map(placed),
    outputs: outputs
      .filter(({ path }) => path !== '')
      .map(({ path, role, plot }): PlacedOutput => {
        const flags = { cache: cachedByDefault(role), persist: false, push: true, remote: null };
        return { output: { path, role, ...flags, plot: role === 'plots' ? (plot ?? {}) : null }, at: field.at };
      }),
  };
}

/** Where the keys lead to, or as far as they lead. */
function placeOf(node: YamlNode, keys: readonly string[]): number | undefined {
  let at: number | undefined;
  let here: YamlNode | undefined = node;
  for (const key of keys) {
    const field: YamlField | undefined = here?.type === 'map' ? here.fields.find((one) => one.key === key) : undefined;
    here = here?.type === 'list' ? here.items[Number(key)] : field?.value;
    at = field?.at ?? here?.at ?? at;
  }
  return at;
}

function decodeScripts(field: YamlField | undefined, decoder: Decoder): string[] {
  if (field === undefined) return [];
  const before = decoder.problems.length;
  const scripts = decoder.texts(field).map((script) => script.trim());
  const empty = scripts.length === 0 || scripts.includes('');
  if (empty && decoder.problems.length === before) decoder.problem(field.at, '"cmd" has nothing to run.');
  return scripts;
}

function decodeWdir(field: YamlField | undefined, decoder: Decoder): string {
  const text = decoder.text(field);
  const { folder } = decoder;
  if (field === undefined || text === undefined || /^\.\/?$/.test(text)) return folder;
  if (posix.join(folder, text, '.') === '.') return '.';
  const found = toProjectPath(folder, text);
  return 'path' in found ? found.path : (decoder.problem(field.value.at, found.problem) ?? '.');
}

/** A list of paths and patterns of the project. */
export function decodePaths(field: YamlField | undefined, from: string, decoder: Decoder) {
  if (field === undefined) return [];
  return decoder.list(field).flatMap((node) => {
    const text = decoder.textOf(node, `Each item of "${field.key}"`);
    if (text === undefined) return [];
    const found = toProjectPath(from, text);
    return 'path' in found ? { path: found.path, at: node.at } : (decoder.problem(node.at, found.problem) ?? []);
  });
}

function decodeEnv(field: YamlField | undefined, decoder: Decoder): string[] {
  const names = decoder.texts(field);
  for (const name of names.filter((each) => !ENV_NAME.test(each))) {
    decoder.problem(field?.at ?? 0, `${JSON.stringify(name)} is not the name of an environment variable.`);
  }
  return [...new Set(names)];
}
