import { MlopsError } from '../../core/errors.ts';
import { sidesOf } from '../../features/metrics/compare.ts';
import type { ValuesDiffResult } from '../../features/metrics/diff.ts';
import type { ShowResult } from '../../features/metrics/show.ts';
import { formatDelta, formatSide, formatValue } from './format.ts';
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
  const table = renderRows(
    ['file', 'name', ...revisions.map(({ revision }) => revisionText(revision))],
    rows,
    style,
    options,
  );
  if (rows.length > 0) return table;
  return errorsIn(revisions).length > 0 ? '' : empty;
}

/** What moved between two revisions: a row for each value. */
export function renderDiff(result: ValuesDiffResult, style: Style, options: ValuesOptions, what: string): string {
  const { from, to, changes, gates, errors } = result;
  const rows = changes.map((change) => [
    style.path(change.file),
    change.name,
    ...(options.csv ? [show(change.before, options), show(change.after, options)] : sides(change, options)),
    options.csv ? String(change.delta ?? '') : formatDelta(change.delta, options.precision),
  ]);
  const table = renderRows(['file', 'name', revisionText(from), revisionText(to), 'change'], rows, style, options);
  const none = errors.length > 0 ? [] : [`No ${what} changed from ${from} to ${to}.`];
  return [...(rows.length === 0 ? none : [table]), ...(options.csv ? [] : gateLines(gates, style))].join('\n');
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

/** The error of a document that lacks what could not be read; null when all could. */
export function unreadProblem(errors: readonly Unread[]): MlopsError | null {
  if (errors.length === 0) return null;
  const lines = errors.map(({ file, revision, message }) => `${file} at ${revision}: ${message}`);
  return new MlopsError('failed', ['Not everything could be read:', ...new Set(lines)].join('\n  '));
}

/** The same for `show`. */
export function showProblem({ revisions }: ShowResult): MlopsError | null {
  return unreadProblem(errorsIn(revisions));
}

type Unread = ValuesDiffResult['errors'][number];

function errorsIn(revisions: ShowResult['revisions']): Unread[] {
  return revisions.flatMap(({ revision, errors }) => errors.map((error) => ({ ...error, revision })));
}

function sides(change: ValuesDiffResult['changes'][number], { precision }: ValuesOptions): string[] {
  const [before, after] = sidesOf(change);
  return [formatSide(before, after, precision), formatSide(after, before, precision)];
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
