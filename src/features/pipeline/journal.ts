import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MlopsError, systemCode } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { endProcessesWith } from '../../system/end-processes.ts';
import { withLease } from '../../system/lease.ts';
import { copyPath, movePath } from '../../system/move-path.ts';
import { readTextFile, writeFile } from '../../system/write-file.ts';

type Place = Pick<Project, 'root' | 'layout' | 'report' | 'signal'>;

/** What was moved away before a stage ran: enough to give everything back, whoever does it and whenever. */
interface Journal {
  readonly stage: string;
  readonly outputs: readonly { readonly path: string; readonly wasThere: boolean }[];
}

/** The previous outputs of a stage that is running. Exactly one of the two ends it. */
export interface Aside {
  /** The new outputs stay: the old ones are let go. */
  commit(): void;
  /** The old outputs come back; what the stage wrote goes to `.mlops/failed/<stage>/`. */
  giveBack(): void;
}

/** Moves a stage's outputs out of its way, under a journal that survives the death of the tool. */
export function moveAside(
  place: Place,
  run: string,
  stage: string,
  outputs: readonly { readonly path: string; readonly persist: boolean }[],
): Aside {
  const folder = join(place.layout.aside, run, encodeURIComponent(stage));
  mkdirSync(folder, { recursive: true });
  const entries = outputs.map(({ path }) => ({ path, wasThere: isThere(join(place.root, path)) }));
  const journal: Journal = { stage, outputs: entries };
  writeFile(join(folder, JOURNAL), JSON.stringify(journal), place.layout.tmp);
  for (const [at, { path, persist }] of outputs.entries()) {
    const target = join(place.root, path);
    if (!entries[at]?.wasThere) mkdirSync(dirname(target), { recursive: true });
    else {
      movePath(target, join(folder, String(at)));
      if (persist) copyPath(join(folder, String(at)), target);
    }
  }
  return {
    commit() {
      // Without its journal the folder is only rubbish, whatever happens next.
      rmSync(join(folder, JOURNAL));
      rmSync(folder, { recursive: true, force: true });
    },
    giveBack: () => playBack(place, folder),
  };
}

/** Gives back what runs of dead processes had moved aside, and ends what they left running. For every command that writes. */
export async function recoverRuns(place: Place): Promise<void> {
  for (const run of listFolder(place.layout.aside)) {
    try {
      await withRunLease(place, run, () => {
        endProcessesWith(`MLOPS_RUN=${run}`);
        const folder = join(place.layout.aside, run);
        for (const stage of listFolder(folder)) playBack(place, join(folder, stage));
        rmSync(folder, { recursive: true, force: true });
      });
    } catch (error) {
      // Its owner lives: the run goes on.
      if (!(error instanceof MlopsError && error.kind === 'busy')) throw error;
    }
  }
}

/** Does work as the owner of a run. While it lasts, nobody takes the run for dead. */
export function withRunLease<T>(place: Place, run: string, work: () => T | Promise<T>): Promise<T> {
  const { layout, report, signal } = place;
  const lease = { folder: layout.leases, name: `run ${run}`, what: `run ${run}`, waitMilliseconds: 0, report, signal };
  return withLease(lease, work);
}

const JOURNAL = 'journal.json';

function playBack({ root, layout }: Place, folder: string): void {
  const text = readTextFile(join(folder, JOURNAL));
  if (text === undefined) return;
  const { stage, outputs } = JSON.parse(text) as Journal;
  const failed = join(layout.failed, encodeURIComponent(stage));
  rmSync(failed, { recursive: true, force: true });
  for (const [at, { path, wasThere }] of outputs.entries()) {
    const target = join(root, path);
    const aside = join(folder, String(at));
    // Neither moved yet nor made by the stage.
    if (wasThere && !isThere(aside)) continue;
    if (isThere(target)) movePath(target, join(failed, path));
    if (wasThere) movePath(aside, target);
  }
  rmSync(folder, { recursive: true, force: true });
}

function listFolder(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}
