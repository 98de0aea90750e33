import type { Run, RunOutcome } from '../../core/run.ts';
import type { RunChange, RunDiff } from '../../features/runs/diff.ts';
import type { RunList } from '../../features/runs/list.ts';
import { formatBytes, formatDelta, formatDuration, formatInteger, formatValue } from './format.ts';
import { reasonText } from './reason.ts';
import type { Style } from './style.ts';
import { renderCsv, renderTable } from './table.ts';

const HEADING = ['run', 'commit', 'outcome', 'took', 'stages'];

/** How a list of runs is to look: params and metrics in columns of their own, in place of the first few metrics. */
export interface RunsLook {
  readonly isCsv: boolean;
  readonly columns: readonly string[] | null;
}

/** A line for each run, and how many more there are. */
export function renderRuns({ runs, total }: RunList, style: Style, { isCsv, columns }: RunsLook): string {
  const heading = [...HEADING, ...(columns ?? ['metrics'])];
  const rows = runs.map((run) => [
    ...rowOf(run, style),
    ...(columns === null ? [firstMetrics(run)] : columns.map((name) => cellOf(run, name))),
  ]);
  if (isCsv) return renderCsv(heading, rows);
  if (runs.length === 0) return total === 0 ? 'There are no runs yet: mlops repro' : '';
  const more =
    total > runs.length ? [style.dim(`… and ${formatInteger(total - runs.length)} more: --limit ${total}`)] : [];
  return [renderTable(heading, rows, style), ...more].join('\n');
}

/** What two runs differ in. */
export function renderRunDiff({ from, to, params, metrics }: RunDiff, style: Style, isCsv: boolean): string {
  const rows = [
    ...params.map((change) => ['param', ...changeCells(change)]),
    ...metrics.map((change) => ['metric', ...changeCells(change)]),
  ];
  const heading = ['', 'name', from, to, 'change'];
  if (isCsv) return renderCsv(['kind', ...heading.slice(1)], rows);
  return rows.length === 0 ? `${from} and ${to} have the same params and metrics.` : renderTable(heading, rows, style);
}

function changeCells({ name, before, after, delta }: RunChange): string[] {
  return [name, formatValue(before), formatValue(after), delta === null ? '' : formatDelta(delta)];
}

/** A metric or param by its name, with its file or without. */
function cellOf({ metrics, params }: Run, name: string): string {
  const all = [...Object.entries(metrics), ...Object.entries(params)];
  const found = all.find(([full]) => full === name) ?? all.find(([full]) => full.slice(full.indexOf(':') + 1) === name);
  return found === undefined ? '-' : formatValue(found[1]);
}

/** One run with all that is known of it. */
export function renderRun(run: Run, style: Style): string {
  const table = (heading: string, rows: string[][]) =>
    rows.length === 0 ? [] : ['', renderTable([heading, ''], rows, style)];
  return [
    `${run.id}  ${outcomeText(run.outcome, style)}`,
    `started ${run.startedAt}, took ${formatDuration(run.milliseconds)}, at commit ${commitText(run)}`,
    ...hostLines(run),
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
  return [
    run.id,
    commitText(run),
    outcomeText(run.outcome, style),
    formatDuration(run.milliseconds),
    moved.map(({ stage, outcome }) => (outcome === 'ran' ? stage : `${stage} (${outcome})`)).join(' '),
  ];
}

function firstMetrics({ metrics }: Run): string {
  const texts = Object.entries(metrics).map(
    ([name, value]) => `${name.slice(name.indexOf(':') + 1)}=${formatValue(value, 4)}`,
  );
  return texts.slice(0, 3).join(' ');
}

function hostLines({ host }: Run): string[] {
  if (host === null) return [];
  const { platform, arch, node, cpus, memory } = host;
  return [`on ${platform} ${arch}, Node ${node.replace(/^v/, '')}, ${cpus} cores, ${formatBytes(memory)}`];
}

function outcomeText(outcome: RunOutcome, style: Style): string {
  return outcome === 'succeeded' ? style.good(outcome) : style.bad(outcome);
}

function commitText({ commit, dirty }: Run): string {
  return commit === null ? '-' : `${commit.slice(0, 8)}${dirty ? ' + changes' : ''}`;
}
