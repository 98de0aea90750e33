import { MlopsError } from '../../core/errors.ts';
import {
  describePlan,
  type GcPlan,
  type GcRequest,
  type GcResult,
  planGc,
  removeGarbage,
  SHORTEST_GRACE,
} from '../../features/data/gc/gc.ts';
import { collectRemote, planRemoteGc, type RemoteGcRequest } from '../../features/data/gc/remote.ts';
import { recoverRuns } from '../../features/pipeline/run/journal.ts';
import type { Project } from '../../project/project.ts';
import type { Command } from '../command.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { renderGc } from '../output/gc.ts';
import { collectText, parseDate, parseDuration } from '../parse.ts';

interface GcOptions {
  readonly remote?: string;
  readonly workspace?: boolean;
  readonly allBranches?: boolean;
  readonly allTags?: boolean;
  readonly allCommits?: boolean;
  readonly rev?: readonly string[];
  readonly since?: string;
  readonly grace?: number;
  readonly skipRev?: readonly string[];
  readonly project?: readonly string[];
  readonly forget?: readonly string[];
  readonly dryRun?: boolean;
}

/** `mlops gc`. */
export const gc: Command<GcOptions, GcResult> = {
  name: 'gc',
  description:
    'Objects that nobody needs go, and the many small packs become few. What the scope needs stays, and always what the workspaces, indexes and stashes of all worktrees need, and the outputs of runs of the last 30 days (`cache.keepRuns`).',
  options: [
    ['--workspace', 'keep what the workspace needs, and nothing else'],
    ['--all-branches', 'keep what the tip of any branch needs, remote-tracking ones too'],
    ['--all-tags', 'keep what any tag needs'],
    ['--all-commits', 'keep what any commit needs'],
    ['--rev <rev>', 'keep what this revision needs; may be given several times', collectText],
    ['--since <date>', 'keep what any commit since this day needs', parseDate],
    ['-r, --remote <name>', 'collect on this remote, in two steps with the grace period between them'],
    ['--grace <time>', 'keep what was put so recently (1h, which is the least; 14d on a remote)', parseDuration],
    ['--skip-rev <sha>', 'leave out a commit whose lockfile is broken', collectText],
    ['--project <dir>', 'another project that uses this cache or remote', collectText],
    ['--forget <dir>', 'a project that used this cache and is gone; of a remote, its id', collectText],
    ['-n, --dry-run', 'only say what would be removed'],
  ],
  examples: [
    'mlops gc --all-branches --all-tags --dry-run',
    'mlops gc --workspace --yes',
    'mlops gc --since 2026-01-01',
    'mlops gc --remote origin --all-branches --all-tags --dry-run',
  ],

  async run({ options }, { project, ask }) {
    const request = requestOf(options);
    const opened = await project();
    if (options.remote !== undefined) return collectOn(opened, { ...request, remote: options.remote }, options, ask);
    if (options.dryRun !== true) await recoverRuns(opened);
    if (options.dryRun !== true && options.yes === true) return removeGarbage(opened, null, request);
    const plan = await planGc(opened, request);
    if (options.dryRun === true) return describePlan(plan);
    if (plan.garbage.length === 0) return removeGarbage(opened, plan, request);
    if (ask === null) throw nobodyToAsk(volumeOf(plan));
    if (!(await ask(`Remove ${volumeOf(plan)} from the cache?`))) throw nothingRemoved();
    return removeGarbage(opened, plan, request);
  },

  render: renderGc,
};

const REMOTE_GRACE = 14 * 24 * 3600 * 1000;

async function collectOn(
  project: Project,
  request: RemoteGcRequest,
  { dryRun, yes }: GcOptions & { readonly yes?: boolean },
  ask: ((question: string) => Promise<boolean>) | null,
): Promise<GcResult> {
  const { result } = await planRemoteGc(project, request);
  if (dryRun === true) return result;
  if (result.removed === 0 || yes === true) return collectRemote(project, request);
  const volume = `${formatCount(result.removed, 'object')} (${formatBytes(result.bytes)})`;
  if (ask === null) throw nobodyToAsk(volume);
  if (!(await ask(`Remove ${volume} from "${request.remote}"?`))) throw nothingRemoved();
  return collectRemote(project, request);
}

function requestOf(options: GcOptions): GcRequest {
  const { remote, workspace, allBranches, allTags, allCommits, rev, since, grace } = options;
  const scopes = [workspace, allBranches, allTags, allCommits, rev, since];
  if (scopes.every((scope) => scope === undefined)) {
    throw new MlopsError('usage', 'Nothing says what is to be kept.', {
      hint: 'Name at least one: --workspace, --all-branches, --all-tags, --all-commits, --rev or --since',
    });
  }
  if (grace !== undefined && grace < SHORTEST_GRACE) {
    throw new MlopsError(
      'usage',
      'The grace period is never less than an hour: another command may be about to name what it just put.',
    );
  }
  return {
    scope: {
      allBranches: allBranches ?? false,
      allTags: allTags ?? false,
      allCommits: allCommits ?? false,
      revs: rev ?? [],
      since: since ?? null,
      skipRevs: options.skipRev ?? [],
    },
    graceMilliseconds: grace ?? (remote === undefined ? SHORTEST_GRACE : REMOTE_GRACE),
    projects: options.project ?? [],
    forget: options.forget ?? [],
  };
}

function volumeOf(plan: GcPlan): string {
  const { removed, bytes } = describePlan(plan);
  return `${formatCount(removed, 'object')} (${formatBytes(bytes)})`;
}

function nothingRemoved(): MlopsError {
  return new MlopsError('refused', 'Nothing was removed.', { hint: 'Look at what would be: mlops gc --dry-run …' });
}

function nobodyToAsk(volume: string): MlopsError {
  return new MlopsError('usage', `${volume} would be removed, and there is nobody to ask.`, {
    hint: 'Look first with --dry-run, then say --yes.',
  });
}
