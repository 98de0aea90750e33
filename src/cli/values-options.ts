import type { OptionSpec } from './command.ts';
import { parseCount } from './parse.ts';

/** How `show` and `diff` of params and metrics print their tables. */
export const VALUES_OPTIONS: readonly OptionSpec[] = [
  ['--md', 'as a Markdown table'],
  ['--csv', 'as comma-separated values'],
  ['--precision <digits>', 'significant digits of numbers; 5 by default', parseCount],
];

/** Which sets of commits `show` of params and metrics goes through. */
export const REVISION_SET_OPTIONS: readonly OptionSpec[] = [
  ['--all-branches', 'at every branch'],
  ['--all-tags', 'at every tag'],
  ['--all-commits', 'at every commit that a branch or tag reaches'],
];

/** The flags of `REVISION_SET_OPTIONS`, as parsed. */
export interface RevisionSets {
  readonly allBranches?: boolean;
  readonly allTags?: boolean;
  readonly allCommits?: boolean;
}

/** The sets that were asked for. */
export function revisionSets({ allBranches, allTags, allCommits }: RevisionSets): ('branches' | 'tags' | 'commits')[] {
  return [
    ...(allBranches ? ['branches' as const] : []),
    ...(allTags ? ['tags' as const] : []),
    ...(allCommits ? ['commits' as const] : []),
  ];
}
