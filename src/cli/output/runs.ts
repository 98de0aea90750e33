import type { Run, RunOutcome } from '../../core/run.ts';
import { formatDuration, formatValue } from './format.ts';
import { reasonText } from './reason.ts';
import type { Style } from './style.ts';
import { renderCsv, renderTable } from './table.ts';

const HEADING = ['run', 'commit', 'outcome', 'took', 'stages', 'metrics'];

/** A line for each run. */
export function renderRuns(runs: readonly Run[], style: Style, isCsv: boolean): string {
  if (isCsv)
    return renderCsv(
      HEADING,
      runs.map((run) => rowOf(run, style)),
    );
  if (runs.length === 0) return 'There are no runs yet: mlops repro';
  return renderTable(
    HEADING,
    runs.map((run) => rowOf(run, style)),
    style,
  );
}

/** One run with all that is known of it. */
export function renderRun(run: Run, style: Style): string {
  const table = (heading: string, rows: string[][]) =>
    rows.length === 0 ? [] : ['', renderTable([heading, ''], rows, style)];
  return [
    `${run.id}  ${outcomeText(run.outcome, style)}`,
    `started ${run.startedAt}, took ${formatDuration(run.milliseconds)}, at commit ${commitText(run)}`,
    ...table(
      'stage',
      run.stages.map(({ stage, outcome, reasons }) => [
        stage,
        [outcome, reasons.map(reasonText).join(', ')].filter(Boolean).join(': '),
      ]),
    ),
    ...table(
      'param',
      Object.entries(run.params).map(([name, value]) => [name, formatValue(value)]),
    ),
    ...table(
      'metric',
      Object.entries(run.metrics).map(([name, value]) => [name, formatValue(value)]),
    ),
  ].join('\n');
}

function rowOf(run: Run, style: Style): string[] {
  const moved = run.stages.filter(({ outcome }) => outcome !== 'up-to-date' && outcome !== 'frozen');
  const metrics = Object.entries(run.metrics).map(
    ([name, value]) => `${name.slice(name.indexOf(':') + 1)}=${formatValue(value, 4)}`,
  );
  return [
    run.id,
    commitText(run),
    outcomeText(run.outcome, style),
    formatDuration(run.milliseconds),
    moved.map(({ stage, outcome }) => (outcome === 'ran' ? stage : `${stage} (${outcome})`)).join(' '),
    metrics.slice(0, 3).join(' '),
  ];
}

function outcomeText(outcome: RunOutcome, style: Style): string {
  return outcome === 'succeeded' ? style.good(outcome) : style.bad(outcome);
}

function commitText({ commit, dirty }: Run): string {
  return commit === null ? '-' : `${commit.slice(0, 8)}${dirty ? ' + changes' : ''}`;
}
