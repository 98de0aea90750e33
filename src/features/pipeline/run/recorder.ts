import type { LockedStage, Lockfile } from '../../../core/lockfile.ts';
import { LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import type { Graph } from '../definition/graph.ts';

/** The part of a session that a recorder reads and writes. */
export interface Recorded {
  readonly project: Pick<Project, 'readLockfile' | 'updateLockfile'>;
  readonly graph: Graph;
  readonly changedFiles: Set<string>;
  lockfile: Lockfile;
}

/** Writes what stages made into the lockfile: at once, or several together when they end fast one after another. */
export interface Recorder {
  /** What follows from the stage sees its entry from now on, though it is not written yet. */
  announce(name: string, locked: LockedStage): void;
  /** Whether a stage that began then is one of many short ones, which may be written together after others have begun. */
  mayWait(startedAt: number): boolean;
  /** It is not to be written: the stage failed after all. */
  withdraw(name: string): void;
  /** Writes what was announced of the stage; returns when the lockfile on the disk has it. */
  write(name: string): Promise<void>;
  /** Reads the lockfile as it is now, with what is announced. */
  refresh(): void;
}

interface Waiting {
  readonly name: string;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

// Between two writes. A stage that takes longer than this is written down as soon as it ends, before what reads it begins.
const PAUSE = 50;

/** The recorder of one run. A stage is over only when it is written, so whoever is killed has lost none that was over. */
export function createRecorder(session: () => Recorded): Recorder {
  const announced = new Map<string, LockedStage>();
  let waiting: Waiting[] = [];
  let isBusy = false;
  let endedAt = Number.NEGATIVE_INFINITY;

  // Ours alone, so that one more entry costs the same however many there are.
  let seen: Record<string, LockedStage> = {};

  // What a stage of this run took over from another one, and is therefore gone from the lockfile, still tells that one's reasons.
  let overtaken: Record<string, LockedStage> = {};

  function see({ data, stages }: Lockfile): void {
    seen = { ...overtaken, ...stages, ...Object.fromEntries(announced) };
    session().lockfile = { data, stages: seen };
  }

  function wake(): void {
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    setTimeout(() => void writeAll(), Math.max(0, endedAt + PAUSE - performance.now()));
  }

  async function writeAll(): Promise<void> {
    const group = waiting;
    waiting = [];
    try {
      const { project, graph, changedFiles } = session();
      const known = new Set(graph.stages.map(({ name }) => name));
      const entries = Object.fromEntries([...announced].filter(([name]) => group.some((one) => one.name === name)));
      let before: Record<string, LockedStage> = {};
      const written = await project.updateLockfile(({ data, stages }) => {
        before = Object.fromEntries(Object.entries(stages).filter(([name]) => known.has(name)));
        return { data, stages: { ...before, ...entries } };
      });
      changedFiles.add(LOCKFILE);
      const lost = Object.entries(before).filter(([name]) => !Object.hasOwn(written.stages, name));
      overtaken = { ...overtaken, ...Object.fromEntries(lost) };
      for (const { name } of group) announced.delete(name);
      see(written);
      for (const one of group) one.written();
    } catch (error) {
      for (const one of group) one.failed(error);
    }
    endedAt = performance.now();
    isBusy = false;
    wake();
  }

  return {
    announce(name, locked) {
      announced.set(name, locked);
      const { lockfile } = session();
      if (lockfile.stages !== seen) return see(lockfile);
      seen[name] = locked;
      session().lockfile = { data: lockfile.data, stages: seen };
    },
    mayWait(startedAt) {
      const now = performance.now();
      return now - startedAt < PAUSE && (isBusy || now - endedAt < PAUSE);
    },
    withdraw(name) {
      if (announced.delete(name)) see(session().project.readLockfile());
    },
    write: (name) =>
      new Promise((written, failed) => {
        waiting.push({ name, written, failed });
        wake();
      }),
    refresh: () => see(session().project.readLockfile()),
  };
}
