import { setImmediate as nextTurn } from 'node:timers/promises';
import { interruption } from '../../core/errors.ts';
import type { Event, Report } from '../../core/event.ts';
import type { Project } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import type { WorkspaceIndex } from '../../stores/index/index.ts';
import { threadsOf } from '../../system/threads/count.ts';

/** A project's files, with what is known of them and where their bytes are kept. */
export interface Workspace {
  /** Absolute. */
  readonly root: string;
  readonly index: WorkspaceIndex;
  readonly cache: Cache;
  /** How many threads may work at a time. */
  readonly threads: number;
}

/** What of a project is needed to look at its files and to move them. */
export type WorkspaceProject = Pick<Project, 'root' | 'cache' | 'index' | 'report' | 'signal' | 'env'>;

/** Opens the files of a project. */
export async function openWorkspace(project: WorkspaceProject): Promise<Workspace> {
  const [index, cache] = await Promise.all([project.index(), project.cache()]);
  return { root: project.root, index, cache, threads: threadsOf(project.env) };
}

/** Work in small steps: it yields after each, with how many bytes it went through, of how many files if not of one. */
export type Steps<T> = Generator<number | { readonly files: number; readonly bytes: number }, T, void>;

const TURN = 50;

/** Does work in steps, with a turn for Ctrl-C and for telling of it some twenty times a second. */
export async function inTurns<T>(
  steps: Steps<T>,
  phase: Extract<Event, { type: 'progress' }>['phase'],
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<T> {
  let [done, bytes, last] = [0, 0, performance.now()];
  let told = false;
  const tell = () => report({ type: 'progress', phase, done, total: null, bytes, totalBytes: null });
  const results: T[] = [];
  const collected = (function* () {
    results.push(yield* steps);
  })();
  // Steps that are not gone on with are closed by the loop: they put away what they had begun.
  for (const step of collected) {
    done += typeof step === 'number' ? 1 : step.files;
    bytes += typeof step === 'number' ? step : step.bytes;
    if (performance.now() - last < TURN) continue;
    tell();
    told = true;
    await nextTurn();
    last = performance.now();
    if (signal.aborted) throw interruption(signal.reason);
  }
  if (told) tell();
  return results[0] as T;
}
