import { MlopsError } from '../../core/errors.ts';
import type { ValuesDiffResult } from '../../features/metrics/diff.ts';
import type { ShowResult } from '../../features/metrics/show.ts';
import { formatDelta, formatValue } from './format.ts';
import { renderMarkdownTable } from './markdown.ts';
import type { Style } from './style.ts';
import { renderCsv, renderTable } from './table.ts';

/** How a table of values is wanted. */
export interface ValuesOptions {
  readonly md?: boolean;
  readonly csv?: boolean;
  readonly precision?: number;
}

/** Params or metrics at revisions: a row for each value, a column for each revision. */
export function renderShow({ revisions }: ShowResult, style: Style, options: ValuesOptions, empty: string): string {
  const keys = new Map<string, readonly [file: string, name: string]>();
  for (const { files } of revisions) {
    for (const { file, values } of files) {
      for (const name of Object.keys(values)) keys.set(`${file}\0${name}`, [file, name]);
    }
  }
  const columns = revisions.map(({ files }) => new Map(files.map(({ file, values }) => [file, values])));
  const rows = [...keys.values()].map(([file, name]) => [
    style.path(file),
    name,
    ...columns.map((values) => show(values.get(file)?.[name], options)),
  ]);
  const errors = revisions.flatMap(({ revision, errors: list }) => list.map((error) => ({ ...error, revision })));
  const table = renderRows(
    ['file', 'name', ...revisions.map(({ revision }) => revisionText(revision))],
    rows,
    style,
    options,
  );
  return [rows.length === 0 ? empty : table, ...errorLines(errors, style)].join('\n');
}

/** What moved between two revisions: a row for each value. */
export function renderDiff(result: ValuesDiffResult, style: Style, options: ValuesOptions, what: string): string {
  const { from, to, changes, gates, errors } = result;
  const rows = changes.map(({ file, name, before, after, delta }) => [
    style.path(file),
    name,
    show(before, options),
    show(after, options),
    options.csv ? String(delta ?? '') : formatDelta(delta, options.precision),
  ]);
  const table = renderRows(['file', 'name', revisionText(from), revisionText(to), 'change'], rows, style, options);
  return [
    rows.length === 0 ? `No ${what} changed from ${from} to ${to}.` : table,
    ...(options.csv ? [] : gateLines(gates, style)),
    ...errorLines(errors, style),
  ].join('\n');
}

/** One line for each limit: whether it holds, and why. */
export function gateLines(gates: ValuesDiffResult['gates'], style: Style): string[] {
  return gates.map(({ metric, ok, message }) => {
    const verdict = ok === null ? style.dim('unknown') : ok ? style.good('ok     ') : style.bad('failed ');
    return `${verdict}  ${metric} ${message}`;
  });
}

/** The error of a check in which a gate failed; null when none did. */
export function gateProblem({ gates }: Pick<ValuesDiffResult, 'gates'>): MlopsError | null {
  const failed = gates.filter(({ ok }) => ok === false);
  if (failed.length === 0) return null;
  const said = failed.map(({ metric, message }) => `${metric} ${message}`).join('; ');
  return new MlopsError(
    'check-failed',
    `${failed.length === 1 ? 'A gate' : `${failed.length} gates`} failed: ${said}.`,
  );
}

function show(value: unknown, { csv, precision }: ValuesOptions): string {
  if (!csv) return formatValue(value, precision);
  return value === undefined || value === null ? '' : formatValue(value, precision ?? 17);
}

/** Full commit ids are too wide for a column. */
function revisionText(name: string): string {
  return /^[0-9a-f]{40,}$/.test(name) ? name.slice(0, 8) : name;
}

function renderRows(heading: readonly string[], rows: string[][], style: Style, { md, csv }: ValuesOptions): string {
  if (csv) return renderCsv(heading, rows);
  return md ? renderMarkdownTable(heading, rows) : renderTable(heading, rows, style);
}

function errorLines(errors: readonly { file: string; revision: string; message: string }[], style: Style): string[] {
  return errors.map(({ file, revision, message }) => `${style.bad(style.path(file))} at ${revision}: ${message}`);
}
