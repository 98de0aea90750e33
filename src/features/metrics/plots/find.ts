import { posix } from 'node:path';
import type { Pipeline } from '../../../core/pipeline.ts';
import { isList, isMap, type Value, type ValueMap } from '../../../core/value.ts';
import { ROW_FILES } from './rows.ts';

/** Endings of files that are pictures already, with the type that a page names. */
export const IMAGES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
};

/** A column of a file; a null column is the last one of the file. */
export interface Column {
  readonly file: string;
  readonly column: string | null;
}

/** A plot as the pipeline defines it. */
export interface PlotDefinition {
  /** Its file, or the name that it was given. */
  readonly id: string;
  readonly title: string;
  readonly template: string;
  /** Null: the column `step`, or else the place of the row. */
  readonly x: string | null;
  readonly y: readonly Column[];
  readonly xLabel: string | null;
  readonly yLabel: string | null;
  /** The file of a picture that needs no drawing; null for one with points. */
  readonly image: string | null;
}

/** What a person asks of all plots, in place of what the pipeline says. */
export interface PlotOverrides {
  readonly x: string | null;
  readonly y: string | null;
  readonly template: string | null;
}

/** Lists the files beneath a folder. */
export type FilesIn = (folder: string) => Promise<readonly string[]>;

/** Every plot that a pipeline names. A folder, such as that of DVCLive, stands for the files in it. */
export async function findPlots({ stages, plots }: Pipeline, filesIn: FilesIn): Promise<PlotDefinition[]> {
  const written = stages.flatMap(({ outputs }) =>
    outputs.flatMap(({ path, plot }) => (plot === null ? [] : [{ path, plot }])),
  );
  const found: PlotDefinition[] = [];
  for (const { path, plot } of [...written, ...plots]) {
    if (isDrawn(plot) || isKnown(path)) found.push(defined(path, plot));
    else
      for (const file of await filesIn(path))
        if (isKnown(file)) found.push(defined(file, { ...guessed(file), ...plot }));
  }
  return found;
}

/** A plot of a file that was named by hand. */
export function plotOfFile(file: string): PlotDefinition {
  return defined(file, guessed(file));
}

/** The same plot with what a person asks of it. */
export function overridden(plot: PlotDefinition, { x, y, template }: PlotOverrides): PlotDefinition {
  return {
    ...plot,
    x: x ?? plot.x,
    y:
      y === null ? plot.y : y.split(',').map((column) => ({ file: plot.y[0]?.file ?? plot.id, column: column.trim() })),
    template: template ?? plot.template,
  };
}

function isKnown(path: string): boolean {
  const extension = posix.extname(path).toLowerCase();
  return ROW_FILES.has(extension) || extension in IMAGES;
}

/** Whether a definition says which columns of which files it is made of. */
function isDrawn({ y }: ValueMap): boolean {
  return isMap(y);
}

function defined(id: string, plot: ValueMap): PlotDefinition {
  const text = (value: Value | undefined) => (typeof value === 'string' ? value : null);
  return {
    id,
    title: text(plot['title']) ?? id,
    template: text(plot['template']) ?? 'linear',
    x: isMap(plot['x']) ? text(Object.values(plot['x'])[0]) : text(plot['x']),
    y: columnsOf(id, plot['y']),
    xLabel: text(plot['x_label']),
    yLabel: text(plot['y_label']),
    image: posix.extname(id).toLowerCase() in IMAGES ? id : null,
  };
}

function columnsOf(id: string, y: Value | undefined): Column[] {
  if (typeof y === 'string') return [{ file: id, column: y }];
  if (isList(y)) return y.flatMap((column) => columnsOf(id, column));
  if (isMap(y)) return Object.entries(y).flatMap(([file, columns]) => columnsOf(file, columns));
  return [{ file: id, column: null }];
}

/** What DVCLive writes of scikit-learn's plots has one meaning. */
function guessed(file: string): ValueMap {
  const name = posix.basename(file).replace(/\.[^.]+$/, '');
  if (!/(^|\/)sklearn\//.test(file)) return {};
  const known: Record<string, ValueMap> = {
    roc: { x: 'fpr', y: 'tpr' },
    precision_recall: { x: 'recall', y: 'precision' },
    calibration: { x: 'prob_pred', y: 'prob_true' },
    det: { x: 'fpr', y: 'fnr' },
    confusion_matrix: { x: 'actual', y: 'predicted', template: 'confusion' },
  };
  return known[name] ?? {};
}
