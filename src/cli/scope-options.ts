import type { CommitScope } from '../stores/git/snapshots.ts';
import type { Command } from './command.ts';
import { collectText } from './parse.ts';

/** Options that name commits whose data is meant, beside that of the workspace. */
export interface ScopeOptions {
  readonly allBranches?: boolean;
  readonly allTags?: boolean;
  readonly allCommits?: boolean;
  readonly rev?: readonly string[];
  readonly runCache?: boolean;
}

/** How those options are written. */
export const SCOPE_OPTIONS: NonNullable<Command<ScopeOptions, unknown>['options']> = [
  ['--all-branches', 'also what the tip of any branch needs'],
  ['--all-tags', 'also what any tag needs'],
  ['--all-commits', 'also what any commit needs'],
  ['--rev <rev>', 'also what this revision needs; may be given several times', collectText],
  ['--run-cache', 'also the records of earlier runs, with what they wrote'],
];

/** The commits that were named; null when none were. */
export function scopeOf({ allBranches = false, allTags = false, allCommits = false, rev = [] }: ScopeOptions) {
  const scope: CommitScope = { allBranches, allTags, allCommits, revs: rev, since: null };
  return allBranches || allTags || allCommits || rev.length > 0 ? scope : null;
}
