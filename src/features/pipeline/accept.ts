import { MlopsError } from '../../core/errors.ts';
import type { LockedPath, LockedStage } from '../../core/lockfile.ts';
import type { StaleReason } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import { ignoreInGit } from '../../stores/git/ignore.ts';
import type { AddedPath } from '../data/add/add.ts';
import { withPaths } from '../data/output-lease.ts';
import { sameContent, type Snapshot } from './decision/decide.ts';
import { isKeptInCache } from './run/protect.ts';
import { lockedStage, reasonsFor, type Session } from './session.ts';
import { lockedStageOf, missingDependencies, takeSnapshot } from './decision/snapshot.ts';
import { partialDependency } from './decision/whole.ts';

/** What accepting a stage as it is would mean. */
export interface Acceptance {
  readonly stage: Stage;
  readonly now: Snapshot;
  readonly locked: LockedStage | undefined;
  /** None: its entry stays, and at most its outputs are put into the cache. */
  readonly reasons: readonly StaleReason[];
  /** Reasons that are more than another content of an output. */
  readonly blocking: readonly StaleReason[];
}

/** Looks at a stage as it is now. */
export async function considerStage(session: Session, stage: Stage): Promise<Acceptance> {
  const now = await takeSnapshot(stage, session.files);
  const locked = lockedStage(session.lockfile, stage);
  const reasons = reasonsFor(session, stage, now).filter(({ type }) => type !== 'always-changed');
  const blocking = reasons.filter(({ type }) => type !== 'output-changed');
  return { stage, now, locked, reasons, blocking };
}

/** Whether a stage has left nothing that could be accepted: it never ran, and nothing is where it would write. */
export function isUntouched({ now, locked }: Acceptance): boolean {
  return locked === undefined && Object.values(now.outputs).every(({ content }) => content === null);
}

/** Puts the outputs into the cache and returns the entry of the stage. */
export async function acceptStage(
  session: Session,
  { stage, now }: Acceptance,
  changedFiles: Set<string>,
): Promise<LockedStage> {
  const { project, files } = session;
  const cached = stage.outputs.filter(({ cache }) => cache).map(({ path }) => path);
  // Before the lockfile names them, so that no commit ever holds the bytes.
  if (project.git !== null) for (const file of await ignoreInGit(project, cached)) changedFiles.add(file);
  const paths = stage.outputs.map(({ path }) => path);
  const written = await withPaths(project, paths, async () => {
    const contents = new Map<string, LockedPath>();
    for (const [path, output] of Object.entries(now.outputs)) {
      if (output.content === null) continue;
      contents.set(path, isKeptInCache(output) ? await files.store(path) : output.content);
    }
    return contents;
  });
  files.track([...written.keys()]);
  return lockedStageOf(now, written);
}

/** Which outputs are not what the lockfile had. `written`: null before anything was. */
export function pathsOf({ now, locked }: Acceptance, written: LockedStage | null) {
  const added: AddedPath[] = [];
  const unchanged: string[] = [];
  for (const [path, output] of Object.entries(now.outputs)) {
    const content = written?.outputs[path] ?? output.content;
    if (content === null) continue;
    const before = own(locked, path);
    if (before !== undefined && sameContent(before, content)) unchanged.push(path);
    else {
      const { digest, size } = content;
      added.push({ path, digest, size, files: content.kind === 'tree' ? content.files : null });
    }
  }
  return { added, unchanged };
}

/** Fails when what would be recorded of a stage is not all there. */
export async function refuseMissing(session: Session, { stage, now, locked, reasons }: Acceptance): Promise<void> {
  if (reasons.length === 0) return;
  const [missing] = missingDependencies(now);
  if (missing !== undefined) {
    throw new MlopsError('data-missing', `Stage "${stage.name}" reads ${missing}, which is not there.`, {
      hint: `mlops checkout, or mlops repro ${stage.name}`,
    });
  }
  const partial = await partialDependency(session, stage, now);
  if (partial !== undefined) throw partial;
  for (const [path, { content }] of Object.entries(now.outputs)) {
    if (content === null) {
      throw new MlopsError('data-missing', `${path} is an output of the stage "${stage.name}", and is not there.`, {
        hint: `mlops repro ${stage.name}`,
      });
    }
    const before = own(locked, path);
    if (before === undefined || sameContent(before, content)) continue;
    const absent = await session.files.absentFrom(path, before, path);
    if (absent === undefined) continue;
    throw new MlopsError('data-missing', `${path} is not whole: ${absent} was never pulled.`, {
      hint: `mlops pull ${path}`,
    });
  }
}

function own(locked: LockedStage | undefined, path: string) {
  return locked !== undefined && Object.hasOwn(locked.outputs, path) ? locked.outputs[path] : undefined;
}
