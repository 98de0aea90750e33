import { cpus, totalmem } from 'node:os';

/**
 * One row: what was done, what we took, the floor (null: none) and what that is, the budget as a ratio or as milliseconds above
 * the floor (null: none), what DVC took (null: not measured).
 */
export function rowOf({ what, took, floor = null, of = '', most = null, over = null, dvc = null }) {
  const ratio = floor === null ? null : took.wall / floor.wall;
  const above = floor === null ? null : took.wall - floor.wall;
  const isWithin = most !== null ? ratio <= most : over !== null ? above <= over : null;
  const result =
    floor === null ? '' : over === null ? `${ratio.toFixed(2)} ×` : `${above < 0 ? '' : '+'}${above.toFixed(0)} ms`;
  const budget = most !== null ? `≤ ${Number(most.toFixed(2))} ×` : over !== null ? `≤ +${over.toFixed(0)} ms` : '';
  return { what, took, floor, of, result, budget, isWithin, dvc };
}

const HEAD = ['what', 'mlops', 'memory', 'CPU', 'floor', 'over it', 'budget', 'DVC 3.67.1', 'faster'];

function cellsOf({ what, took, floor, of, result, budget, isWithin, dvc }) {
  return [
    what,
    seconds(took.wall),
    took.memory === undefined ? '' : `${(took.memory / 1e6).toFixed(0)} MB`,
    took.cpu === undefined ? '' : seconds(took.cpu),
    floor === null ? '' : `${seconds(floor.wall)} ${of}`,
    result,
    budget + (isWithin === false ? ' MISSED' : ''),
    dvc === null ? '' : seconds(dvc.wall),
    dvc === null ? '' : `${(dvc.wall / took.wall).toFixed(1)} ×`,
  ];
}

/** The rows as text for a terminal, or as a table for the README. */
export function tableOf(rows, { markdown = false } = {}) {
  const table = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, at) => Math.max(...table.map((cells) => cells[at].length)));
  const lines = table.map((cells) => cells.map((cell, at) => cell.padEnd(widths[at])));
  if (!markdown) return lines.map((cells) => cells.join('  ').trimEnd()).join('\n');
  const rule = widths.map((width) => '-'.repeat(width));
  return [lines[0], rule, ...lines.slice(1)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What all this was measured on. */
export function machine() {
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `Node ${process.versions.node}, ${process.platform}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${memory} GiB`;
}

function seconds(milliseconds) {
  return milliseconds < 1_000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}
