import { isInterruption, MlopsError } from '../../core/errors.ts';
import type { StageOutcome, StageResult } from '../../core/run.ts';
import type { ReproResult } from '../../features/pipeline/repro.ts';
import { worstKind } from '../exit-codes.ts';
import { reasonText } from './reason.ts';
import type { Style } from './style.ts';

/** How much is told of each stage. */
export interface ReproDetail {
  readonly dryRun?: boolean;
  readonly explain?: boolean;
}

/** What a real run did, in a line; what a dry run would do, a line for each stage that is not up to date; explained, for each. */
export function renderRepro({ stages, failures }: ReproResult, style: Style, { dryRun, explain }: ReproDetail): string {
  if (stages.length === 0) return 'There are no stages; describe them in .mlops.yaml.';
  const moved = stages.filter(({ outcome }) => !IDLE.has(outcome));
  const lines = (explain ? stages : dryRun ? moved : []).map((stage) => stageLine(stage, style, dryRun ?? false));
  if (moved.length === 0) return [...lines, `Nothing to run: ${countOf(stages, failures)}.`].join('\n');
  return (dryRun ? lines : [...lines, `${countOf(stages, failures)}.`]).join('\n');
}

/** The error of a run in which a stage failed: what was wrong with each, with the code of the worst. */
export function reproProblem({ failures }: ReproResult): MlopsError | null {
  const [first] = failures;
  if (first === undefined) return null;
  const kind = worstKind(failures.map((failure) => failure.kind));
  // Ctrl-C says the same of every stage that it ended.
  const message = [...new Set(failures.map((failure) => failure.message))].join('\n       ');
  const hint = isInterruption({ kind })
    ? 'The previous outputs are in place; go on with: mlops repro'
    : failures.find((failure) => failure.hint !== null)?.hint;
  return new MlopsError(kind, message, hint === undefined || hint === null ? {} : { hint });
}

const IDLE: ReadonlySet<StageOutcome> = new Set(['up-to-date', 'frozen']);

const IN_WORDS: Readonly<Record<StageOutcome, string>> = {
  ran: 'ran',
  restored: 'restored from the run cache',
  failed: 'failed',
  blocked: 'not run',
  'up-to-date': 'up to date',
  frozen: 'frozen',
  'would-run': 'would run',
  'may-run': 'may run',
  'would-restore': 'would be restored from the run cache',
};

/** `2 stages ran, 1 up to date`. */
function countOf(stages: readonly StageResult[], failures: ReproResult['failures']): string {
  const counts = new Map<string, number>();
  const stopped = new Set(failures.filter(isInterruption).map(({ stage }) => stage));
  for (const outcome of Object.keys(IN_WORDS) as StageOutcome[]) {
    const count = stages.filter((one) => one.outcome === outcome && !stopped.has(one.stage)).length;
    if (count > 0) counts.set(IN_WORDS[outcome], count);
    if (outcome === 'failed' && stopped.size > 0) counts.set('interrupted', stopped.size);
  }
  return [...counts]
    .map(([words, count], at) => `${count}${at > 0 ? '' : count === 1 ? ' stage' : ' stages'} ${words}`)
    .join(', ');
}

const FORETOLD: Partial<Record<StageOutcome, string>> = { failed: 'would fail', blocked: 'would not be run' };

function stageLine({ stage, outcome, reasons }: StageResult, style: Style, dryRun: boolean): string {
  const why = reasons.map(reasonText).join(', ');
  const words = (dryRun ? FORETOLD[outcome] : undefined) ?? IN_WORDS[outcome];
  return `${stage} ${words}${why === '' ? '' : style.dim(` (${why})`)}`;
}
