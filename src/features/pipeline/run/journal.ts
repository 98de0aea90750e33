import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathProblem } from '../../../core/entry-name.ts';
import { MlopsError, systemCode } from '../../../core/errors.ts';
import type { Project } from '../../../project/project.ts';
import { endProcessesWith } from '../../../system/process-table.ts';
import { fileError } from '../../../system/file-error.ts';
import { withLease } from '../../../system/lease.ts';
import { isThere, missingFolders, removeIfEmpty } from './made-folders.ts';
import { copyPath, movePath } from '../../../system/move-path.ts';
import { readTextFile, writeFile } from '../../../system/write-file.ts';

type Place = Pick<Project, 'root' | 'layout' | 'report' | 'signal'>;

/** What was moved away before a stage ran: enough to give everything back, whoever does it and whenever. */
interface Journal {
  readonly stage: string;
  readonly outputs: readonly { readonly path: string; readonly wasThere: boolean }[];
  /** Folders that were made for the outputs, each before what lies in it. */
  readonly folders: readonly string[];
}

/** An output to move aside. `isSafe`: the bytes that are there now are in the cache, too. */
export interface AsideOutput {
  readonly path: string;
  readonly persist: boolean;
  readonly isSafe: boolean;
  /** Absolute: where it goes instead of being let go; null when nothing is lost with it. */
  readonly keepAt: string | null;
}

/** The previous outputs of a stage that is running. Exactly one of the two ends it. */
export interface Aside {
  /** Absolute; for a file that is only of use while the stage runs. */
  readonly paramsFile: string;
  /** The new outputs stay: the old ones are let go, except for those to be kept, whose paths come back. */
  commit(): string[];
  /** The old outputs come back; what the stage wrote goes to `.mlops/failed/<stage>/`. */
  giveBack(): void;
}

/** Moves a stage's outputs out of its way, under a journal that survives the death of the tool. */
export function moveAside(place: Place, run: string, stage: string, outputs: readonly AsideOutput[]): Aside {
  const folder = join(place.layout.aside, run);
  const name = encodeURIComponent(stage);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const entries = outputs.map(({ path }) => ({ path, wasThere: isThere(join(place.root, path)) }));
  const folders = missingFolders(
    place.root,
    entries.filter(({ wasThere }) => !wasThere).map(({ path }) => path),
  );
  const journal: Journal = { stage, outputs: entries, folders };
  const needsDisk = outputs.some(({ isSafe }, at) => !isSafe && entries[at]?.wasThere === true);
  writeJournal(join(folder, `${name}${JOURNAL}`), JSON.stringify(journal), needsDisk, place.layout.tmp);
  try {
    for (const [at, { path, persist }] of outputs.entries()) {
      const target = join(place.root, path);
      if (!entries[at]?.wasThere) {
        mkdirSync(dirname(target), { recursive: true });
        continue;
      }
      movePath(target, partOf(folder, name, at));
      if (persist) copyPath(partOf(folder, name, at), target);
    }
  } catch (error) {
    playBack(place, folder, name);
    throw error;
  }
  return {
    paramsFile: paramsOf(folder, name),
    commit() {
      const kept = outputs.filter(({ keepAt }, at) => {
        if (keepAt === null || entries[at]?.wasThere !== true) return false;
        movePath(partOf(folder, name, at), keepAt);
        return true;
      });
      // Without the journal the rest is only rubbish, whatever happens next.
      unlinkSync(join(folder, `${name}${JOURNAL}`));
      removeRest(folder, name, entries);
      return kept.map(({ path }) => path);
    },
    giveBack: () => playBack(place, folder, name),
  };
}

/** Gives back what runs of dead processes had moved aside, and ends what they left running. For every command that writes. */
export async function recoverRuns(place: Place): Promise<void> {
  for (const run of listFolder(place.layout.aside)) {
    try {
      await withRunLease(place, run, () => {
        endProcessesWith(`MLOPS_RUN=${run}`);
        const folder = join(place.layout.aside, run);
        for (const name of journalsIn(folder)) playBack(place, folder, name);
        rmSync(folder, { recursive: true, force: true });
      });
    } catch (error) {
      // Its owner lives: the run goes on.
      if (error instanceof MlopsError && error.kind === 'busy') continue;
      throw fileError(error, 'give back what a run that was killed had set aside');
    }
  }
}

/** Does work as the owner of a run. While it lasts, nobody takes the run for dead. */
export function withRunLease<T>(place: Place, run: string, work: () => T | Promise<T>): Promise<T> {
  const { layout, report, signal } = place;
  const lease = { folder: layout.leases, name: `run ${run}`, what: `run ${run}`, waitMilliseconds: 0, report, signal };
  return withLease(lease, work);
}

/** Takes away the folder of a run that has nothing left to give back. */
export function sweepRun({ layout }: Place, run: string): void {
  const folder = join(layout.aside, run);
  if (journalsIn(folder).length === 0) rmSync(folder, { recursive: true, force: true });
}

// In the folder of a run, beside what belongs to the other stages: to make and remove a folder for each takes time.
const JOURNAL = '.journal.json';

function partOf(folder: string, name: string, at: number): string {
  return join(folder, `${name}.${at}`);
}

function paramsOf(folder: string, name: string): string {
  return join(folder, `${name}.params.json`);
}

function journalsIn(folder: string): string[] {
  const files = listFolder(folder).filter((file) => file.endsWith(JOURNAL));
  return files.map((file) => file.slice(0, -JOURNAL.length));
}

function removeRest(folder: string, name: string, outputs: Journal['outputs']): void {
  for (const [at, { wasThere }] of outputs.entries()) {
    if (wasThere) rmSync(partOf(folder, name, at), { recursive: true, force: true });
  }
  rmSync(paramsOf(folder, name), { force: true });
}

/** Forced to the disk only where a power cut could otherwise lose track of the one copy of some bytes: that takes time. */
function writeJournal(file: string, text: string, needsDisk: boolean, tmp: string): void {
  if (needsDisk) return writeFile(file, text, tmp);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function playBack({ root, layout }: Place, folder: string, name: string): void {
  const journal = join(folder, `${name}${JOURNAL}`);
  const text = readTextFile(journal);
  if (text === undefined) return;
  const { stage, outputs, folders } = readJournal(text, journal);
  const failed = join(layout.failed, encodeURIComponent(stage));
  rmSync(failed, { recursive: true, force: true });
  for (const [at, { path, wasThere }] of outputs.entries()) {
    const target = join(root, path);
    const aside = partOf(folder, name, at);
    // Neither moved yet nor made by the stage.
    if (wasThere && !isThere(aside)) continue;
    if (isThere(target)) keepForALook(target, join(failed, path));
    if (wasThere) movePath(aside, target);
  }
  for (const made of folders.toReversed()) removeIfEmpty(join(root, made));
  rmSync(journal, { force: true });
  removeRest(folder, name, outputs);
}

/** What was half written is worth a look, but not the place that the previous outputs need. */
function keepForALook(from: string, to: string): void {
  try {
    movePath(from, to);
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')) throw error;
    rmSync(from, { recursive: true, force: true });
  }
}

/** What lies in `.mlops` may have come with an archive from anywhere: it moves nothing outside the project. */
function readJournal(text: string, file: string): Journal {
  try {
    const { stage, outputs, folders = [] } = JSON.parse(text) as Partial<Journal> & Pick<Journal, 'outputs'>;
    const paths = [...outputs.map(({ path }) => path), ...folders];
    if (typeof stage === 'string' && paths.every((path) => pathProblem(path) === null))
      return { stage, outputs, folders };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new MlopsError('damaged', `The journal ${file} cannot be read.`, {
    hint: 'Previous outputs of a stage that was killed lie beside it; move them back by hand, then delete the folder.',
  });
}

function listFolder(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
