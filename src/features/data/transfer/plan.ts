import type { Digest } from '../../../core/digest.ts';
import type { Pipeline } from '../../../core/pipeline.ts';
import type { WantedObject } from '../collect.ts';
import type { SelectedPath } from '../select.ts';

/** An object that has to move, with every path that needs it. */
export interface PlannedObject {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly paths: readonly string[];
  readonly isTree: boolean;
}

/** What a transfer has to move: each missing object once, in the order in which they were wanted. */
export function planTransfer(wanted: readonly WantedObject[], isThere: (digest: Digest) => boolean): PlannedObject[] {
  const missing = new Map<Digest, PlannedObject & { paths: string[] }>();
  for (const { digest, size, path, isTree } of wanted) {
    const planned = missing.get(digest);
    if (planned !== undefined) planned.paths.push(path);
    else if (!isThere(digest)) missing.set(digest, { digest, size, paths: [path], isTree });
  }
  return [...missing.values()];
}

/** How many different objects are wanted. */
export function countObjects(wanted: readonly WantedObject[]): number {
  return new Set(wanted.map(({ digest }) => digest)).size;
}

/**
 * The steps of a push: data, then trees inside, then the trees that the lockfile names. One step is over before the next
 * begins, so a remote never holds a named tree with holes.
 */
export function pushSteps(planned: readonly PlannedObject[], named: ReadonlySet<Digest>): PlannedObject[][] {
  const steps: [PlannedObject[], PlannedObject[], PlannedObject[]] = [[], [], []];
  for (const object of planned) steps[object.isTree ? (named.has(object.digest) ? 2 : 1) : 0].push(object);
  // The largest first: a large one at the end would run alone.
  steps[0].sort((a, b) => b.size - a.size);
  return steps.filter((step) => step.length > 0);
}

/** Paths by the remote they belong to; null stands for the chosen or default one. */
export function routePaths(
  paths: ReadonlyMap<string, SelectedPath>,
  pipeline: Pipeline,
  withGit = false,
): Map<string | null, Map<string, SelectedPath>> {
  const notes = notesOf(pipeline, withGit);
  const routes = new Map<string | null, Map<string, SelectedPath>>();
  for (const [path, locked] of paths) {
    const note = noteOn(path, notes);
    if (note?.isTransferred === false) continue;
    const remote = note?.remote ?? null;
    routes.set(remote, (routes.get(remote) ?? new Map()).set(path, locked));
  }
  return routes;
}

interface Note {
  readonly remote: string | null;
  readonly isTransferred: boolean;
}

function notesOf(pipeline: Pipeline, withGit: boolean): Map<string, Note> {
  const notes = new Map<string, Note>();
  for (const [path, { remote, push }] of Object.entries(pipeline.data))
    notes.set(path, { remote, isTransferred: push });
  for (const { outputs } of pipeline.stages) {
    for (const { path, remote, push, cache } of outputs) {
      notes.set(path, { remote, isTransferred: push && (cache || withGit) });
    }
  }
  return notes;
}

/** What was said of a path, or of the tracked folder around it. */
function noteOn(path: string, notes: ReadonlyMap<string, Note>): Note | undefined {
  for (let at = path; at !== ''; at = parentOf(at)) {
    const note = notes.get(at);
    if (note !== undefined) return note;
  }
  return undefined;
}

/** The folder around a project path; empty for one at the top. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
