import { posix } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import { revisionName } from '../../../core/revision.ts';
import type { Project } from '../../../project/project.ts';
import { RevisionState, toReadErrors } from '../revision-state.ts';
import { resolveNames, toPaths } from '../revisions.ts';
import { findPlots, IMAGES, overridden, type PlotDefinition, type PlotOverrides, plotOfFile } from './find.ts';
import { readRows, type Row } from './rows.ts';

/** A point of a plot: of which revision, on which line, where. */
export interface Point {
  readonly rev: string;
  /** The column that it is from, with its file where the plot has several. */
  readonly series: string;
  readonly x: string | number;
  readonly y: string | number;
}

/** A plot with the points of all revisions. */
export interface Plot extends Omit<PlotDefinition, 'x' | 'y' | 'image'> {
  readonly x: string;
  readonly y: readonly string[];
  readonly points: readonly Point[];
}

/** A picture as it was at a revision. */
export interface PlotImage {
  readonly id: string;
  readonly rev: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** All that is to be shown, and what could not be read, which hides nothing else. */
export interface Plots {
  readonly revisions: readonly string[];
  readonly plots: readonly Plot[];
  readonly images: readonly PlotImage[];
  readonly errors: readonly { readonly file: string; readonly revision: string; readonly message: string }[];
}

/** Which plots, at which revisions; as typed. */
export interface PlotsRequest extends PlotOverrides {
  readonly revisions: readonly string[];
  readonly paths: readonly string[];
}

/** Reads the plots that the pipeline of each revision names, or the given files. */
export async function collectPlots(project: Project, request: PlotsRequest): Promise<Plots> {
  const paths = toPaths(project, request.paths);
  const definitions = new Map<string, PlotDefinition>();
  const points = new Map<string, { x: Set<string>; y: Set<string>; points: Point[] }>();
  const images: PlotImage[] = [];
  const errors: { file: string; revision: string; message: string }[] = [];
  const revisions = await resolveNames(project, request.revisions);
  for (const revision of revisions) {
    const state = new RevisionState(project, revision);
    const rev = revisionName(revision);
    const fail = (file: string, message: string) => void errors.push({ file, revision: rev, message });
    const { pipeline, errors: mistakes } = await state.pipeline();
    for (const { file, message } of mistakes) fail(file, message);
    for (const plot of await chosen(pipeline, state, paths)) {
      const wanted = overridden(plot, request);
      definitions.set(plot.id, definitions.get(plot.id) ?? wanted);
      try {
        if (plot.image !== null) images.push(...(await readImage(state, plot.image, rev)));
        else addPoints(points, wanted, await readPoints(state, wanted, rev));
      } catch (error) {
        for (const { file, message } of toReadErrors(plot.id, error)) fail(file, message);
      }
    }
  }
  const plots = [...points].map(([id, { x, y, points: all }]): Plot => {
    const { image: _image, ...definition } = definitions.get(id) ?? plotOfFile(id);
    return { ...definition, x: [...x][0] ?? 'step', y: [...y], points: all };
  });
  return { revisions: revisions.map(revisionName), plots, images, errors };
}

type PlotsPipeline = Parameters<typeof findPlots>[0];

async function chosen(
  pipeline: PlotsPipeline,
  state: RevisionState,
  paths: readonly string[],
): Promise<PlotDefinition[]> {
  const known = await findPlots(pipeline, (folder) => state.filesIn(folder));
  if (paths.length === 0) return known;
  const isIn = (path: string) => (plot: PlotDefinition) => plot.id === path || plot.id.startsWith(`${path}/`);
  return paths.flatMap((path) => {
    const found = known.filter(isIn(path));
    return found.length > 0 ? found : [plotOfFile(path)];
  });
}

async function readImage(state: RevisionState, file: string, rev: string): Promise<PlotImage[]> {
  const bytes = await state.readData(file);
  return bytes === undefined ? [] : [{ id: file, rev, type: IMAGES[posix.extname(file).toLowerCase()] ?? '', bytes }];
}

interface ReadPoints {
  readonly x: string;
  readonly points: readonly Point[];
}

async function readPoints(state: RevisionState, plot: PlotDefinition, rev: string): Promise<ReadPoints> {
  const isOneFile = new Set(plot.y.map(({ file }) => file)).size === 1;
  const points: Point[] = [];
  let xName = plot.x ?? 'step';
  for (const { file, column } of plot.y) {
    const bytes = await state.readData(file);
    if (bytes === undefined) continue;
    const rows = readRows(bytes, file);
    const columns = Object.keys(rows[0] ?? {});
    const x = plot.x ?? (columns.includes('step') && columns.at(-1) !== 'step' ? 'step' : null);
    const y = column ?? columns.at(-1);
    if (y === undefined) continue;
    for (const name of [x, y]) {
      if (name !== null && !columns.includes(name)) {
        throw new MlopsError('invalid-file', `${file} has no column "${name}"; it has ${columns.join(', ')}.`);
      }
    }
    xName = x ?? xName;
    const series = isOneFile ? y : `${file}: ${y}`;
    points.push(...pointsOf(rows, x, y, { rev, series }));
  }
  return { x: xName, points };
}

/** Rows without a value on either axis are no points. */
function pointsOf(rows: readonly Row[], x: string | null, y: string, of: Pick<Point, 'rev' | 'series'>): Point[] {
  return rows.flatMap((row, at) => {
    const [across, up] = [x === null ? at : row[x], row[y]];
    return across === null || across === undefined || up === null || up === undefined
      ? []
      : [{ ...of, x: across, y: up }];
  });
}

function addPoints(
  all: Map<string, { x: Set<string>; y: Set<string>; points: Point[] }>,
  { id }: PlotDefinition,
  read: ReadPoints,
): void {
  if (read.points.length === 0) return;
  const entry = all.get(id) ?? { x: new Set(), y: new Set(), points: [] };
  entry.x.add(read.x);
  for (const point of read.points) {
    entry.y.add(point.series);
    entry.points.push(point);
  }
  all.set(id, entry);
}
