import type { Project } from '../../project/project.ts';
import { diffRevisions, type DiffResult } from '../data/diff.ts';
import { diffMetrics, diffParams, type ValuesDiffResult } from '../metrics/diff.ts';
import { pipelineGraph } from '../pipeline/definition/stage-list.ts';
import { type CiCheck, checkProject } from './check.ts';

/** The document of `ci report`: everything that a reviewer asks of a change. */
export interface CiReport extends CiCheck {
  readonly base: string;
  /** The commit that is checked out; null before the first. */
  readonly commit: string | null;
  readonly metrics: ValuesDiffResult;
  readonly params: ValuesDiffResult;
  readonly data: DiffResult;
  /** A Mermaid flowchart; null where there are no stages. */
  readonly pipeline: string | null;
}

/** Compares the workspace with a base: a revision that was named, else what the CI system merges into, else HEAD. */
export async function reportOn(project: Project, named: string | null): Promise<CiReport> {
  const base = named ?? baseOf(project.env) ?? 'HEAD';
  const request = { revisions: [base, 'workspace'], paths: [], all: false };
  const { draw, nodes } = await pipelineGraph(project, { targets: [], outs: false });
  return {
    ...(await checkProject(project, base)),
    base,
    commit: project.git?.head() ?? null,
    metrics: await diffMetrics(project, request),
    params: await diffParams(project, request),
    data: await diffRevisions(project, { revisions: [base, 'workspace'], paths: [] }),
    pipeline: nodes.length === 0 ? null : draw('mermaid').trimEnd(),
  };
}

/** What GitHub, Gitea, GitLab and Bitbucket say of the branch that a pull request goes to. */
function baseOf(env: Project['env']): string | null {
  const branch = env['GITHUB_BASE_REF'] || env['BITBUCKET_PR_DESTINATION_BRANCH'];
  if (branch) return `origin/${branch}`;
  return env['CI_MERGE_REQUEST_DIFF_BASE_SHA'] || null;
}
