import type { LockedStage, Lockfile } from '../../core/lockfile.ts';
import { LOCKFILE } from '../../project/layout.ts';
import type { Session } from './session.ts';

/** Writes what stages made into the lockfile: at once, or several together when they end fast one after another. */
export interface Recorder {
  /** What follows from the stage sees its entry from now on; the promise is kept when the lockfile on the disk has it. */
  record(name: string, locked: LockedStage): Promise<void>;
}

interface Entry {
  readonly name: string;
  readonly locked: LockedStage;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

// Between two writes. A stage that takes longer than this is written down as soon as it ends.
const PAUSE = 50;

/** The recorder of one run. A stage is over only when it is written, so whoever is killed has lost none that was over. */
export function createRecorder(session: () => Session): Recorder {
  let waiting: Entry[] = [];
  let isBusy = false;
  let endedAt = Number.NEGATIVE_INFINITY;

  function wake(): void {
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    setTimeout(() => void write(), Math.max(0, endedAt + PAUSE - performance.now()));
  }

  async function write(): Promise<void> {
    const group = waiting;
    waiting = [];
    try {
      const { project, graph } = session();
      const known = new Set(graph.stages.map(({ name }) => name));
      const written = await project.updateLockfile((current) => {
        const kept = Object.entries(current.stages).filter(([name]) => known.has(name));
        return withEntries({ data: current.data, stages: Object.fromEntries(kept) }, group);
      });
      session().changedFiles.add(LOCKFILE);
      session().lockfile = withEntries(written, waiting);
      for (const entry of group) entry.written();
    } catch (error) {
      for (const entry of group) entry.failed(error);
    }
    endedAt = performance.now();
    isBusy = false;
    wake();
  }

  return {
    record: (name, locked) =>
      new Promise((written, failed) => {
        const entry = { name, locked, written, failed };
        waiting.push(entry);
        session().lockfile = withEntries(session().lockfile, [entry]);
        wake();
      }),
  };
}

function withEntries(lockfile: Lockfile, entries: readonly Pick<Entry, 'name' | 'locked'>[]): Lockfile {
  if (entries.length === 0) return lockfile;
  const own = entries.map(({ name, locked }) => [name, locked] as const);
  return { data: lockfile.data, stages: { ...lockfile.stages, ...Object.fromEntries(own) } };
}
