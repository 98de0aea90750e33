import { drawPlots, type DrawnPlots, type PlotForm } from '../features/metrics/plots/draw.ts';
import type { Project } from '../project/project.ts';
import type { OptionSpec } from './command.ts';
import { renderPlot } from './output/plot.ts';
import type { Style } from './output/style.ts';

/** What `plots show` and `plots diff` take. */
export interface PlotsOptions {
  readonly out?: string;
  readonly html?: boolean;
  readonly svg?: boolean;
  readonly vega?: boolean;
  readonly terminal?: boolean;
  readonly x?: string;
  readonly y?: string;
  readonly template?: string;
}

/** The options of both. */
export const PLOTS_OPTIONS: readonly OptionSpec[] = [
  ['--html', 'one page that needs nothing else (the default)'],
  ['--svg', 'a picture for each plot'],
  ['--terminal', 'in characters, here'],
  ['--vega', 'as Vega-Lite, here'],
  ['-o, --out <dir>', 'where pages and pictures go; by default .mlops/plots'],
  ['-x <column>', 'the column across'],
  ['-y <columns>', 'the columns up, with commas between'],
  [
    '--template <name>',
    'linear, simple, smooth, scatter, scatter_jitter, confusion, confusion_normalized, bar_horizontal, bar_horizontal_sorted, or a Vega-Lite file',
  ],
];

/** Draws what was asked for. */
export function runPlots(
  project: Project,
  revisions: readonly string[],
  paths: readonly string[],
  options: PlotsOptions,
): Promise<DrawnPlots> {
  const { out, x, y, template } = options;
  return drawPlots(project, {
    revisions,
    paths,
    form: formOf(options),
    out: out ?? null,
    x: x ?? null,
    y: y ?? null,
    template: template ?? null,
  });
}

/** What was written, or the plots themselves. */
export function renderPlots(
  { plots, images, files, specs, errors }: DrawnPlots,
  style: Style,
  options: PlotsOptions,
): string {
  if (specs !== null) return JSON.stringify(specs, null, 2);
  const mistakes = errors.map(
    ({ file, revision, message }) => `${style.bad('not shown:')} ${file} at ${revision}: ${message}`,
  );
  if (formOf(options) === 'points')
    return [...plots.map((plot) => renderPlot(plot, style)), ...mistakes].join('\n').trimEnd();
  if (plots.length + images.length + errors.length === 0)
    return 'There are no plots. Name files as `plots:` of a stage, or at the top of .mlops.yaml.';
  return [...mistakes, ...files.map((file) => `${style.good('Wrote')} ${style.path(file)}`)].join('\n');
}

function formOf({ svg, vega, terminal }: PlotsOptions): PlotForm {
  return vega === true ? 'vega' : terminal === true ? 'points' : svg === true ? 'svg' : 'html';
}
