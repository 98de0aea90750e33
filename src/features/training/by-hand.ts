import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type BuiltIn, decodeBuiltIn } from '../../core/built-in/index.ts';
import type { BuiltInOutput } from '../../core/built-in/parts.ts';
import { resolveSettings } from '../../core/built-in/resolve-settings.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Report } from '../../core/event.ts';
import { lockedPaths } from '../../core/lockfile.ts';
import { foldersAbove } from '../../core/overlap.ts';
import { type Json, toJson, type ValueMap } from '../../core/value.ts';
import { LOCKFILE } from '../../project/layout.ts';
import { findRoot } from '../../project/root.ts';
import { parseLockfile } from '../../stores/documents/lockfile.ts';
import { readTextFile } from '../../system/write-file.ts';
import type { HostError } from './host-messages.ts';
import { overlay, readConfig } from './read-config.ts';
import type { BuiltInResults } from './results.ts';
import { runBuiltIn } from './run-built-in.ts';

/** A built-in stage that is run without a pipeline. Paths of the settings start from `cwd`. */
export interface ByHandRequest {
  /** What was given by flags; it wins over the file. */
  readonly settings: ValueMap;
  /** A file with the settings, as they would stand in the pipeline; null: none. */
  readonly config: string | null;
  /** Whether outputs that are there may be replaced. */
  readonly force: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The document of `train`, `evaluate` and `predict`: the settings with all defaults, and what the work gave. */
export interface ByHandResult<Kind extends BuiltIn = BuiltIn> {
  /** Absolute. Paths in settings and result start here. */
  readonly root: string;
  readonly settings: Json;
  readonly result: BuiltInResults[Kind];
}

/** Runs a built-in stage by hand: in the same child process and from the same settings as in a pipeline, recorded nowhere. */
export async function runByHand<Kind extends BuiltIn>(kind: Kind, request: ByHandRequest): Promise<ByHandResult<Kind>> {
  const { config, cwd, env, force, report, signal } = request;
  const root = findRoot(cwd) ?? cwd;
  const wdir = relative(root, cwd).split(sep).join('/') || '.';
  const file = config === null ? {} : readConfig(kind, config, cwd);
  const raw = { ...UNASKED[kind], ...overlay(file, request.settings) };
  const { settings, problems, outputs, dependencies } = decodeBuiltIn(kind, raw, { wdir });
  if (problems.length > 0) {
    const told = problems.map(({ keys, message }) => (keys.length > 1 ? `${keys.join('.')}: ${message}` : message));
    throw new MlopsError('usage', told.join('\n  '), { hint: `mlops ${kind} --help` });
  }

  refuseMissing(root, dependencies);
  if (!force) refuseExisting(root, outputs);

  const resolved = resolveSettings(kind, settings);
  const exit = await runBuiltIn(kind, resolved, { root, stage: kind, env, report, signal, replace: force });
  if (signal.aborted && signal.reason instanceof MlopsError) throw signal.reason;
  if (exit.error !== null) throw failureOf(exit.error);
  if (exit.exitCode !== 0 || exit.result === null) throw endedEarly(kind, exit.signal ?? `code ${exit.exitCode}`);
  // The child is the other half of this program, and says so in its types.
  return { root, settings: toJson(resolved), result: exit.result as BuiltInResults[Kind] };
}

/** What a pipeline keeps and a person at a terminal did not ask for. */
const UNASKED: Readonly<Record<BuiltIn, ValueMap>> = {
  train: { plots: null },
  evaluate: { out: null, plots: null },
  predict: {},
};

/** What the lockfile names can be pulled; any other path was typed wrongly. */
function refuseMissing(root: string, paths: readonly string[]): void {
  const missing = paths.filter((path) => !existsSync(join(root, path)));
  if (missing.length === 0) return;
  const message = `${missing.join(', ')} ${missing.length === 1 ? 'does' : 'do'} not exist.`;
  const text = readTextFile(join(root, LOCKFILE));
  const recorded = text === undefined ? new Map<string, unknown>() : lockedPaths(parseLockfile(text, LOCKFILE));
  const data = missing.filter((path) => [path, ...foldersAbove(path)].some((at) => recorded.has(at)));
  if (data.length > 0) throw new MlopsError('data-missing', message, { hint: `mlops pull ${data.join(' ')}` });
  throw new MlopsError('usage', message, { hint: `Correct the path; it starts from ${root}.` });
}

function refuseExisting(root: string, outputs: readonly BuiltInOutput[]): void {
  const there = outputs.map(({ path }) => path).filter((path) => existsSync(join(root, path)));
  if (there.length === 0) return;
  throw new MlopsError('refused', `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} already there.`, {
    hint: 'Say --force to replace, or another place with --out.',
  });
}

function failureOf({ kind, message, hint }: HostError): Error {
  if (kind === 'bug') return new Error(message);
  return new MlopsError(kind, message, hint === null ? {} : { hint });
}

function endedEarly(kind: BuiltIn, how: string): MlopsError {
  return new MlopsError('failed', `The process of mlops ${kind} ended too early (${how}).`, {
    hint: 'If the machine ran out of memory, lower fit.batch_size.',
  });
}
