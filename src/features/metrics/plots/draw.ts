import { mkdirSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { Project } from '../../../project/project.ts';
import { readFileIfThere } from '../../../system/read-file.ts';
import { drawSvg } from '../../../system/vega.ts';
import { writeFile } from '../../../system/write-file.ts';
import { collectPlots, type Plot, type Plots, type PlotsRequest } from './collect.ts';
import { renderPage } from './page.ts';
import { type Spec, specOf, TEMPLATE_NAMES } from './templates.ts';

/** What plots are drawn as: a page, pictures, specifications, or nothing but their points. */
export type PlotForm = 'html' | 'svg' | 'vega' | 'points';

/** What was asked, and the folder for what is written, as typed (null: `.mlops/plots`). */
export interface DrawRequest extends PlotsRequest {
  readonly form: PlotForm;
  readonly out: string | null;
}

/** The document of `plots show` and `plots diff`. */
export interface DrawnPlots {
  readonly revisions: readonly string[];
  readonly plots: readonly Plot[];
  /** Pictures that needed no drawing. */
  readonly images: readonly { readonly id: string; readonly rev: string }[];
  /** What was written, from the project's root. */
  readonly files: readonly string[];
  /** Vega-Lite, by plot, when that was asked for. */
  readonly specs: Readonly<Record<string, Spec>> | null;
  readonly errors: Plots['errors'];
}

/** Reads plots and draws them. One that cannot be read or drawn is told, and hides no other. */
export async function drawPlots(project: Project, request: DrawRequest): Promise<DrawnPlots> {
  const found = await collectPlots(project, request);
  const errors = [...found.errors];
  const drawn: { plot: Plot; spec: Spec }[] = [];
  for (const plot of found.plots) {
    try {
      drawn.push({ plot, spec: specOf(plot, customTemplate(project, plot)) });
    } catch (error) {
      errors.push(told(error, plot));
    }
  }
  const files = await write(project, { ...found, errors }, drawn, request, errors);
  return {
    revisions: found.revisions,
    plots: found.plots,
    images: found.images.map(({ id, rev }) => ({ id, rev })),
    files: files.map((file) => relative(project.root, file).split(sep).join('/')),
    specs: request.form === 'vega' ? Object.fromEntries(drawn.map(({ plot, spec }) => [plot.id, spec])) : null,
    errors,
  };
}

async function write(
  { root, cwd, layout }: Project,
  found: Plots,
  drawn: readonly { plot: Plot; spec: Spec }[],
  { form, out }: DrawRequest,
  errors: DrawnPlots['errors'][number][],
): Promise<string[]> {
  if (form === 'points' || form === 'vega') return [];
  const folder = out === null ? join(root, '.mlops', 'plots') : resolve(cwd, out);
  const pictures: { plot: Plot; svg: string }[] = [];
  for (const { plot, spec } of drawn) {
    try {
      pictures.push({ plot, svg: await drawSvg(spec, plot.id) });
    } catch (error) {
      errors.push(told(error, plot));
    }
  }
  mkdirSync(folder, { recursive: true });
  const files =
    form === 'html'
      ? new Map([['index.html', renderPage({ ...found, errors }, pictures)]])
      : new Map(pictures.map(({ plot, svg }) => [`${fileName(plot.id)}.svg`, svg]));
  for (const [name, text] of files) writeFile(join(folder, name), text, layout.tmp);
  return [...files.keys()].map((name) => join(folder, name));
}

/** The text of a template that is a file of the project; null for a built-in one. */
function customTemplate({ root }: Project, { template }: Plot): string | null {
  if (TEMPLATE_NAMES.includes(template) || posix.extname(template) !== '.json') return null;
  const bytes = readFileIfThere(join(root, template));
  if (bytes === undefined)
    throw new MlopsError('invalid-file', `There is no template ${template}.`, {
      hint: `Built in are ${TEMPLATE_NAMES.join(', ')}.`,
    });
  return Buffer.from(bytes).toString('utf8');
}

function told(error: unknown, { id }: Plot): DrawnPlots['errors'][number] {
  if (!(error instanceof MlopsError)) throw error;
  return { file: id, revision: 'workspace', message: error.message };
}

function fileName(id: string): string {
  return id.replace(/[^A-Za-z0-9._-]+/g, '_');
}
