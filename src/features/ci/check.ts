import type { Project } from '../../project/project.ts';
import { missingOnRemote } from '../data/transfer/missing.ts';
import { checkMetrics } from '../metrics/check.ts';
import type { GateResult } from '../metrics/gate.ts';
import { statusOf, type StatusResult } from '../pipeline/status.ts';

/** What is asked of a commit before it may be merged. */
export type CheckName = 'data' | 'stages' | 'remote' | 'gates';

/** One answer, with what to do when it is no. */
export interface Check {
  readonly check: CheckName;
  /** Null: there is nothing that it could be asked of. */
  readonly ok: boolean | null;
  readonly message: string;
  readonly hint: string | null;
}

/** The document of `ci check`. */
export interface CiCheck {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly gates: readonly GateResult[];
}

/** Whether everything that the lockfile names is as the workspace has it, up to date, on the remote, and within its gates. */
export async function checkProject(project: Project, base: string | null): Promise<CiCheck> {
  const hasRemote = Object.keys(project.config.remotes).length > 0;
  const status = await statusOf(project, {
    targets: [],
    remote: hasRemote ? () => missingOnRemote(project, null, []) : null,
  });
  const { gates, errors } = await checkMetrics(project, base);
  const checks = [dataCheck(status), stagesCheck(status), remoteCheck(status), gatesCheck(gates, errors)];
  return { ok: checks.every(({ ok }) => ok !== false), checks, gates };
}

function dataCheck({ data }: StatusResult): Check {
  const changed = data.filter(({ state }) => state !== 'unchanged' && state !== 'absent').map(({ path }) => path);
  if (data.length === 0) return { check: 'data', ok: null, message: 'No data is tracked.', hint: null };
  if (changed.length === 0)
    return { check: 'data', ok: true, message: 'The data is what the lockfile says.', hint: null };
  return {
    check: 'data',
    ok: false,
    message: `Differs from the lockfile: ${named(changed)}.`,
    hint: 'mlops add, mlops commit or mlops checkout',
  };
}

function stagesCheck({ stages }: StatusResult): Check {
  const stale = stages.filter(({ state }) => state !== 'up-to-date' && state !== 'frozen').map(({ stage }) => stage);
  if (stages.length === 0) return { check: 'stages', ok: null, message: 'There are no stages.', hint: null };
  if (stale.length === 0) return { check: 'stages', ok: true, message: 'Every stage is up to date.', hint: null };
  return {
    check: 'stages',
    ok: false,
    message: `Not up to date: ${named(stale)}.`,
    hint: 'mlops repro, and commit .mlops.lock.yaml',
  };
}

function remoteCheck({ remote }: StatusResult): Check {
  if (remote === null) return { check: 'remote', ok: null, message: 'The project has no remote.', hint: null };
  if (remote.missing.length === 0)
    return { check: 'remote', ok: true, message: `Everything is on remote ${remote.name}.`, hint: null };
  const message = `Not on remote ${remote.name}: ${named(remote.missing.map(({ path }) => path))}.`;
  return { check: 'remote', ok: false, message, hint: 'mlops push' };
}

function gatesCheck(
  gates: readonly GateResult[],
  errors: readonly { readonly file: string; readonly message: string }[],
): Check {
  const failed = gates.filter(({ ok }) => ok === false).map(({ metric, message }) => `${metric} ${message}`);
  const unread = errors.map(({ file, message }) => `${file}: ${message}`);
  if (failed.length + unread.length > 0)
    return { check: 'gates', ok: false, message: `${[...failed, ...unread].join('; ')}.`, hint: 'mlops metrics check' };
  if (gates.length === 0) return { check: 'gates', ok: null, message: 'There are no gates.', hint: null };
  return {
    check: 'gates',
    ok: true,
    message: `${gates.length === 1 ? 'The gate holds' : `All ${gates.length} gates hold`}.`,
    hint: null,
  };
}

const SHOWN = 5;

function named(names: readonly string[]): string {
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}
