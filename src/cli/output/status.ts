import type { StageRow, StatusResult } from '../../features/pipeline/status.ts';
import { formatBytes, formatCount, formatList } from './format.ts';
import { reasonText } from './reason.ts';
import { harmless, type Style } from './style.ts';
import { forRemote } from './transfer.ts';

/** What differs and what to do about it, in the manner of `git status`. */
export function renderStatus(
  { data, stages, remote, untracked }: StatusResult,
  style: Style,
  options: { readonly remote?: string } = {},
): string {
  const sections = [
    dataSection(data, style),
    stageSection(stages, style),
    remoteSection(remote, style, options.remote),
    untrackedSection(untracked ?? [], style),
  ];
  const text = sections.filter((section) => section !== '').join('\n\n');
  if (text !== '') return text;
  if (data.length === 0 && stages.length === 0) {
    return 'Nothing is tracked yet. Track data with `mlops add <path>`, describe stages in .mlops.yaml.';
  }
  const parts = [
    ...(data.length > 0 ? [`${formatCount(data.length, 'tracked path')} unchanged`] : []),
    ...(stages.length > 0 ? [`${formatCount(stages.length, 'stage')} up to date`] : []),
    ...(remote === null ? [] : [`everything on remote ${remote.name}`]),
  ];
  return `${style.good('Clean:')} ${parts.join(', ')}.`;
}

function dataSection(data: StatusResult['data'], style: Style): string {
  const rows = data.filter(({ state, cached }) => state !== 'unchanged' || cached === false);
  if (rows.length === 0) return '';
  const lines = rows.map(({ path, state, cached }) => {
    const color = state === 'added' ? style.good : style.bad;
    // What is as it should be here need not come from elsewhere.
    const help = state === 'unchanged' ? 'mlops commit' : 'mlops fetch';
    const lost = cached === false ? style.dim(`  (not in the cache: ${help})`) : '';
    return `  ${color(`${state}:`.padEnd(WIDTH))}${style.path(path)}${lost}`;
  });
  const isChanged = rows.some(({ state }) => state === 'modified' || state === 'added' || state === 'deleted');
  const isAbsent = rows.some(({ state }) => state === 'absent');
  return [
    'Data that is not what the lockfile says:',
    ...(isChanged
      ? [style.dim('  (mlops commit <path> keeps it as it is now, mlops checkout <path> brings back what was)')]
      : []),
    ...(isAbsent ? [style.dim('  (mlops pull brings what is absent)')] : []),
    ...lines,
  ].join('\n');
}

function stageSection(stages: readonly StageRow[], style: Style): string {
  const stale = stages.filter(({ state }) => state === 'stale' || state === 'may-be-stale');
  if (stale.length === 0) return '';
  const width = Math.max(...stale.map(({ stage }) => stage.length)) + 2;
  const lines = stale.flatMap(({ stage, state, reasons }) => {
    const words = reasons.map(reasonText);
    const first = state === 'stale' ? style.bad(stage.padEnd(width)) : style.dim(stage.padEnd(width));
    const why = state === 'may-be-stale' && words.length === 0 ? ['after what comes before it'] : words;
    return why.map((word, at) => `  ${at === 0 ? first : ' '.repeat(width)}${harmless(word)}`);
  });
  const upToDate = stages.length - stale.length;
  const rest = upToDate === 0 ? '' : ` (${upToDate} more up to date)`;
  return [`Stages to run${rest}:`, style.dim('  (mlops repro runs them)'), ...lines].join('\n');
}

function remoteSection(remote: StatusResult['remote'], style: Style, named: string | undefined): string {
  if (remote === null || remote.missing.length === 0) return '';
  const bytes = remote.missing.reduce((sum, { size }) => sum + size, 0);
  const paths = [...new Set(remote.missing.map(({ path }) => path))];
  return [
    `Not on remote ${remote.name}: ${formatCount(remote.missing.length, 'object')}, ${formatBytes(bytes)}`,
    style.dim(`  (${forRemote('mlops push', named)} brings it there)`),
    ...paths.slice(0, 20).map((path) => `  ${style.bad('missing:'.padEnd(WIDTH))}${style.path(path)}`),
    ...(paths.length > 20 ? [`  … and ${paths.length - 20} more`] : []),
  ].join('\n');
}

function untrackedSection(untracked: readonly string[], style: Style): string {
  if (untracked.length === 0) return '';
  return [
    'Tracked by nobody:',
    style.dim('  (mlops add <path> tracks data, git add <path> code)'),
    ...formatList(
      untracked.map((path) => `  ${style.path(path)}`),
      20,
    ),
  ].join('\n');
}

const WIDTH = 11;
