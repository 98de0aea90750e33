import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Lockfile } from '../../../core/lockfile.ts';
import type { TreeEntry } from '../../../core/tree.ts';
import type { Project } from '../../../project/project.ts';
import { isCollectedSince } from '../../../stores/cache/collection.ts';
import { digestOf } from '../../../system/hash.ts';
import { withAbsent } from '../absent.ts';
import { measureSteps, scanIntoCache, scanTreesIntoCache } from '../measure.ts';
import { type Addition, planAdditions } from '../refuse.ts';
import type { Measured } from '../scan/scan.ts';
import { type Entry, lockedBefore, record, withEntries } from './record.ts';
import { checkPart } from './set-inside.ts';
import { inTurns, openWorkspace, type Workspace } from '../workspace.ts';

/** Something that the lockfile names now and did not name like this before. */
export interface AddedPath {
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Null for a single file. */
  readonly files: number | null;
}

/** The document of `add`. */
export interface AddResult {
  readonly added: readonly AddedPath[];
  readonly unchanged: readonly string[];
  /** Parts of tracked folders that are gone from the workspace, and so from the lockfile: of `add` alone. */
  readonly removed?: readonly string[];
  /** What Git has to be told of: the lockfile, and each `.gitignore` that changed. */
  readonly changedFiles: readonly string[];
}

/** What `add` was asked. */
export interface AddRequest {
  /** As typed: relative to the current folder. */
  readonly paths: readonly string[];
  /** Whether paths that Git tracks are taken as well. */
  readonly force: boolean;
  readonly dryRun: boolean;
  /** False: the lockfile names what `commit` is to put into the cache later. */
  readonly commit?: boolean;
  /** Brings the bytes to where they are kept in place of the cache, before the lockfile, as given, names them. */
  readonly send?: (found: readonly Found[], lockfile: Lockfile) => Promise<void>;
}

/** Puts files and folders under the tool's care: bytes into the cache, the path out of Git, its digest into the lockfile. */
export async function addPaths(project: Project, request: AddRequest): Promise<AddResult> {
  const lockfile = project.readLockfile();
  try {
    return await addOnce(project, request, lockfile);
  } catch (error) {
    // Another process tracked a path around this one, or in it, after the first look.
    const isOvertaken = error instanceof MlopsError && error.kind === 'busy' && project.readLockfile() !== lockfile;
    if (!isOvertaken) throw error;
    return addOnce(project, request, project.readLockfile());
  }
}

async function addOnce(project: Project, request: AddRequest, lockfile: Lockfile): Promise<AddResult> {
  const startedAt = Date.now();
  const additions = await planAdditions(project, lockfile, await project.pipeline(), request);
  const workspace = await openWorkspace(project);
  for (const addition of additions) checkPart(workspace.cache, lockfile, addition);
  const { dryRun, commit = true, send } = request;
  const keeps = dryRun || !commit ? 'nothing' : send === undefined ? 'all' : 'trees';
  try {
    const before = new Map(
      additions.map((addition) => [addition.path, lockedBefore(workspace.cache, lockfile, addition)]),
    );
    // What will be refused leaves nothing in the cache: a checkout would take bytes there for kept.
    const doubtful = additions.filter(({ path }) => isUnlisted(workspace, before.get(path)));
    for (const { addition, measured } of await look(project, workspace, doubtful, 'nothing'))
      complete(workspace, addition, measured, before, 'nothing');
    const found = await look(project, workspace, additions, keeps);
    const entries = found.map(({ addition, measured }) => complete(workspace, addition, measured, before, keeps));
    if (send !== undefined && !dryRun) await send(found, withEntries(workspace.cache, lockfile, entries));
    const changedFiles = dryRun ? [] : await record(project, workspace, entries);
    // A collection may have taken what was found in the cache before it was named.
    const mayLack = keeps !== 'nothing' && isCollectedSince(workspace.cache.dir, startedAt);
    if (mayLack) await look(project, workspace, additions, keeps);
    return resultOf(entries, before, changedFiles);
  } finally {
    workspace.index.save();
  }
}

/** What was found at a path to be added; nothing, where it is gone. */
export interface Found {
  readonly addition: Addition;
  readonly measured: Measured | undefined;
}

/** What of it goes to the cache. */
type Keeps = 'nothing' | 'trees' | 'all';

const STEPS = { nothing: measureSteps, trees: scanTreesIntoCache, all: scanIntoCache } as const;

function look(project: Project, workspace: Workspace, additions: readonly Addition[], keeps: Keeps): Promise<Found[]> {
  const each = async (place: Workspace): Promise<Found[]> => {
    const found: Found[] = [];
    for (const addition of additions) {
      const steps = STEPS[keeps](place, addition.path);
      found.push({ addition, measured: await inTurns(steps, keeps === 'all' ? 'cache' : 'hash', project) });
    }
    return found;
  };
  return keeps === 'nothing' ? each(workspace) : workspace.cache.batch((cache) => each({ ...workspace, cache }));
}

function isUnlisted({ cache }: Workspace, was: TreeEntry | undefined): boolean {
  return was?.kind === 'tree' && !cache.has(was.digest);
}

/** What a folder is together with what was never in this clone. */
function complete(
  workspace: Workspace,
  addition: Addition,
  measured: Measured | undefined,
  before: ReadonlyMap<string, TreeEntry | undefined>,
  keeps: Keeps,
): Entry {
  if (measured === undefined) {
    if (addition.isGone) return { addition, entry: null };
    throw new MlopsError('failed', `${addition.path} vanished while it was read.`);
  }
  const was = before.get(addition.path);
  if (was === undefined) return { addition, entry: measured };
  const put = keeps === 'nothing' ? digestOf : (bytes: Uint8Array) => workspace.cache.putBytes(bytes);
  return { addition, entry: withAbsent(workspace, addition.path, measured, was, put) };
}

function resultOf(
  entries: readonly Entry[],
  before: ReadonlyMap<string, TreeEntry | undefined>,
  changedFiles: readonly string[],
): AddResult {
  const added: AddedPath[] = [];
  const unchanged: string[] = [];
  const removed: string[] = [];
  for (const { addition, entry } of entries) {
    const { path } = addition;
    const was = before.get(path);
    if (was?.digest === entry?.digest && was?.kind === entry?.kind) unchanged.push(path);
    else if (entry === null) removed.push(path);
    else
      added.push({ path, digest: entry.digest, size: entry.size, files: entry.kind === 'tree' ? entry.files : null });
  }
  return { added, unchanged, removed, changedFiles };
}
