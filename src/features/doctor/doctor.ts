import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { HASH_ENGINE } from '../../system/hash.ts';
import { packageFolder, packageVersion } from '../../system/package-folder.ts';
import { runProcess } from '../../system/run-process.ts';
import { checkRemote, type RemoteCheck } from '../remotes/check.ts';
import { type BackendReport, backendReport } from '../training/backend-report.ts';
import { findHistoryEngine } from './history-engine.ts';
import { probeLink } from './link-probe.ts';

/** One thing that was looked at. `ok` is null for what is merely worth knowing. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean | null;
  readonly message: string;
  /** What to do, when there is something to do. */
  readonly hint: string | null;
}

/** The document of `doctor`. */
export interface DoctorResult {
  readonly version: string;
  readonly checks: readonly DoctorCheck[];
  /** What was tried with each remote. */
  readonly remotes: readonly RemoteCheck[];
}

/** What the examination may see. */
export interface DoctorRequest {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** The one remote to try for real; null for all that the project has. */
  readonly remote: string | null;
  /** Fails with `no-project` outside of one. */
  readonly project: () => Promise<Project>;
}

/** Looks at the machine, the installation and the project, and tries its remotes. Leaves everything as it was. */
export async function examine(request: DoctorRequest): Promise<DoctorResult> {
  const project = await openedProject(request);
  const remotes = await checkRemotes(request, 'root' in project ? project : null);
  const root = 'root' in project ? project.root : request.cwd;
  const checks = [
    nodeCheck(),
    await gitCheck(request),
    digestCheck(),
    await historyCheck(),
    ...trainingChecks(root),
    ...('root' in project ? [...projectChecks(project), cacheCheck(project)] : [project]),
    ...remotes.map(checkOf),
  ];
  return { version: packageVersion(), checks, remotes };
}

async function openedProject({ project }: DoctorRequest): Promise<Project | DoctorCheck> {
  try {
    const opened = await project();
    // Mistakes in the files come out when they are read.
    await opened.pipeline();
    opened.readLockfile();
    return opened;
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    const { kind, message, hint, problems } = error;
    const first = problems[0];
    const place = first === undefined ? message : `${message} ${first.file}:${first.line ?? 1}: ${first.message}`;
    return { name: 'project', ok: kind === 'no-project' ? null : false, message: place, hint };
  }
}

function nodeCheck(): DoctorCheck {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  const message = `${process.versions.node} on ${process.platform}-${process.arch}`;
  return { name: 'Node', ok, message, hint: ok ? null : 'mlops needs Node 20.19 or newer: https://nodejs.org' };
}

async function gitCheck({ cwd, env, signal }: DoctorRequest): Promise<DoctorCheck> {
  let version = '';
  const onLine = (_: string, text: string) => void (version ||= text.replace('git version ', ''));
  const found = await runProcess('git', ['--version'], { cwd, env, signal, onLine }).catch(() => null);
  const ok = found?.exitCode === 0;
  const hint = ok ? null : 'Install it from https://git-scm.com';
  return { name: 'Git', ok, message: ok ? version : 'not found on the PATH', hint };
}

function digestCheck(): DoctorCheck {
  const isNative = HASH_ENGINE === 'native';
  return {
    name: 'Digests',
    ok: true,
    message: isNative ? 'BLAKE3, native' : 'BLAKE3 in WebAssembly: same digests, some times slower',
    hint: isNative ? null : 'npm install -g mlops   (with optional dependencies) brings the native one',
  };
}

async function historyCheck(): Promise<DoctorCheck> {
  const engine = await findHistoryEngine();
  if (engine !== null) return { name: 'Run history', ok: true, message: `SQLite through ${engine}`, hint: null };
  return {
    name: 'Run history',
    ok: null,
    message: 'no SQLite: `runs list` and `runs show` do not work, all else does',
    hint: 'npm rebuild better-sqlite3, or use Node 22.13 or newer, which has one',
  };
}

function trainingChecks(root: string): DoctorCheck[] {
  const { hasSimd, native, install, engine } = backendReport(root);
  const hostThere = existsSync(join(packageFolder(), 'dist', 'training-host.js'));
  const bundled: DoctorCheck = {
    name: 'Training',
    ok: hasSimd && hostThere,
    message: hostThere ? `wasm and cpu, built in (${engine})` : 'dist/training-host.js is missing',
    hint: hostThere ? (hasSimd ? null : 'This processor lacks SIMD; say backend: cpu') : 'Install mlops again',
  };
  const toInstall = `npm 11: ${install.npm11.join(' && ')}; npm 12: ${install.npm12.join(' && ')}`;
  return [bundled, { name: 'tensorflow', ...tensorflowOf(native), hint: native?.hasAddon ? null : toInstall }];
}

function tensorflowOf(native: BackendReport['native']): Pick<DoctorCheck, 'ok' | 'message'> {
  if (native === null) {
    const message = '@tensorflow/tfjs-node is not in this project; only `backend: tensorflow` needs it';
    return { ok: null, message };
  }
  const found = `@tensorflow/tfjs-node ${native.version} in ${native.folder}`;
  return native.hasAddon ? { ok: true, message: found } : { ok: false, message: `${found}, without its compiled part` };
}

function projectChecks({ root, git, config }: Project): DoctorCheck[] {
  return [
    { name: 'project', ok: true, message: `${root}${git === null ? ', without Git' : ''}`, hint: null },
    ...(Object.keys(config.remotes).length > 0 ? [] : [noRemotes]),
  ];
}

const noRemotes: DoctorCheck = {
  name: 'Remotes',
  ok: null,
  message: 'none',
  hint: 'mlops remote add -d origin <url>',
};

async function checkRemotes({ remote, project }: DoctorRequest, opened: Project | null): Promise<RemoteCheck[]> {
  if (remote !== null) return [await checkRemote(await project(), remote)];
  if (opened === null) return [];
  return Promise.all(Object.keys(opened.config.remotes).map((name) => checkRemote(opened, name)));
}

function checkOf({ name, url, ok, writable, milliseconds, credentials, message, hint }: RemoteCheck): DoctorCheck {
  const known = credentials === null ? '' : `, with ${credentials}`;
  const said = `${url} ${message} (${milliseconds} ms${known})`;
  return { name: `Remote ${name}`, ok: ok && writable !== false, message: said, hint };
}

function cacheCheck({ config: { cache }, layout }: Project): DoctorCheck {
  const folder = existsSync(cache.dir) ? cache.dir : layout.state;
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return { name: 'Cache', ok: false, message: `${folder} may not be written`, hint: `ls -ld ${folder}` };
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = `${Math.floor((bavail * bsize) / 2 ** 30)} GiB free`;
  const link = probeLink(folder, layout.tmp, cache.link);
  if (link === null) {
    const message = `${cache.dir}: ${cache.link.join(' and ')} do not work between it and the workspace`;
    return { name: 'Cache', ok: false, message, hint: 'Add "copy" to cache.link, which works everywhere' };
  }
  return { name: 'Cache', ok: true, message: `${cache.dir}, ${free}, files by ${link}`, hint: null };
}
