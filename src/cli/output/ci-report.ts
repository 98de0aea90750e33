import type { Check } from '../../features/ci/check.ts';
import type { GateResult } from '../../features/metrics/gate.ts';
import type { CiReport } from '../../features/ci/report.ts';
import { renderFileDiff } from './file-diff.ts';
import { formatCount } from './format.ts';
import type { Style } from './style.ts';
import { renderDiff } from './values.ts';

const ROWS = 50;

/** The report as Markdown for a pull request: the verdict first, then what changed, folded where it is long. */
export function renderCiReport(report: CiReport, style: Style): string {
  const { ok, checks, gates, base, commit, metrics, params, data, pipeline } = report;
  const changed = data.added.length + data.deleted.length + data.modified.length + data.renamed.length;
  const at = commit === null ? '' : ` at \`${commit.slice(0, 10)}\``;
  return [
    `## ${ok ? '✅ Fit to merge' : '❌ Not fit to merge'}`,
    `Compared with \`${base}\`${at}.`,
    checks.map(checkLine).join('\n'),
    section(
      'Metrics',
      metrics.changes.length === 0
        ? 'No metric changed.'
        : renderDiff({ ...metrics, gates: [] }, style, { md: true }, 'metrics'),
    ),
    ...(gates.length === 0 ? [] : [gates.map(gateLine).join('\n')]),
    ...(params.changes.length === 0 ? [] : [section('Params', renderDiff(params, style, { md: true }, 'params'))]),
    ...(changed === 0
      ? []
      : [section('Data', folded(formatCount(changed, 'file'), shortened(renderFileDiff(data, style, true))))]),
    ...(pipeline === null
      ? []
      : [section('Pipeline', folded('The graph of its stages', `\`\`\`mermaid\n${pipeline}\n\`\`\``))]),
    section(
      'Reproduce',
      folded(
        'The same on another machine',
        `\`\`\`sh\ngit checkout ${commit ?? '<commit>'}\nmlops pull\nmlops repro\n\`\`\``,
      ),
    ),
  ].join('\n\n');
}

function checkLine({ ok, message, hint }: Check): string {
  const mark = ok === null ? '➖' : ok ? '✅' : '❌';
  return `- ${mark} ${message}${hint === null ? '' : ` (\`${hint}\`)`}`;
}

function gateLine({ metric, ok, message }: GateResult): string {
  return `- ${ok === null ? '➖' : ok ? '✅' : '❌'} \`${metric}\` ${message}`;
}

function section(title: string, body: string): string {
  return `### ${title}\n\n${body}`;
}

function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

function shortened(table: string): string {
  const lines = table.split('\n');
  return lines.length <= ROWS ? table : [...lines.slice(0, ROWS), '', `… and ${lines.length - ROWS} more.`].join('\n');
}
