import { MlopsError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import type { Json } from '../../../core/value.ts';
import type { Plot } from './collect.ts';

/** A Vega-Lite specification: https://vega.github.io/vega-lite/docs/spec.html */
export type Spec = { readonly [key: string]: Json };

type Template = (plot: Plot) => Spec;

const SIZE = { width: 420, height: 280 };

/** The built-in templates, by the names that DVC gave them. */
const TEMPLATES: Readonly<Record<string, Template>> = {
  linear: (plot) => ({ mark: { type: 'line', tooltip: true, point: plot.points.length <= 60 }, encoding: axes(plot) }),
  simple: (plot) => ({ mark: { type: 'line', tooltip: true }, encoding: axes(plot) }),
  smooth: (plot) => ({
    layer: [
      { mark: { type: 'line', opacity: 0.25 }, encoding: axes(plot) },
      {
        transform: [{ loess: 'y', on: 'x', groupby: ['rev', 'series'], bandwidth: 0.3 }],
        mark: { type: 'line', tooltip: true },
        encoding: axes(plot),
      },
    ],
  }),
  scatter: (plot) => ({ mark: { type: 'point', filled: true, opacity: 0.7, tooltip: true }, encoding: axes(plot) }),
  scatter_jitter: (plot) => ({
    transform: [
      { calculate: 'random()', as: 'across' },
      { calculate: 'random()', as: 'up' },
    ],
    mark: { type: 'point', filled: true, opacity: 0.6, tooltip: true },
    encoding: {
      ...axes(plot),
      xOffset: { field: 'across', type: 'quantitative' },
      yOffset: { field: 'up', type: 'quantitative' },
    },
  }),
  confusion: (plot) => confusion(plot, 'count'),
  confusion_normalized: (plot) => confusion(plot, 'share'),
  bar_horizontal: (plot) => bars(plot, null),
  bar_horizontal_sorted: (plot) => bars(plot, '-x'),
};

/** The names of the built-in templates. */
export const TEMPLATE_NAMES: readonly string[] = Object.keys(TEMPLATES);

/** The specification of a plot, its points inside. `custom` is a Vega-Lite text to be filled in, DVC's anchors among it. */
export function specOf(plot: Plot, custom: string | null): Spec {
  const data = { values: plot.points as unknown as Json };
  if (custom !== null) return fillIn(custom, plot, data);
  const template = Object.hasOwn(TEMPLATES, plot.template) ? TEMPLATES[plot.template] : undefined;
  if (template === undefined) {
    throw new MlopsError(
      'usage',
      `There is no plot template "${plot.template}"${didYouMean(plot.template, TEMPLATE_NAMES)}`,
      {
        hint: `There are ${TEMPLATE_NAMES.join(', ')}; or name a Vega-Lite file ending in .json.`,
      },
    );
  }
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: plot.title,
    data,
    ...SIZE,
    ...template(plot),
  };
}

function axes(plot: Plot): Spec {
  const several = plot.y.length > 1;
  const revisions = new Set(plot.points.map(({ rev }) => rev)).size;
  return {
    x: { field: 'x', type: typeOf(plot, 'x'), title: plot.xLabel ?? plot.x },
    y: {
      field: 'y',
      type: typeOf(plot, 'y'),
      title: plot.yLabel ?? (several ? null : (plot.y[0] ?? null)),
      scale: { zero: false },
    },
    color: { field: several && revisions === 1 ? 'series' : 'rev', type: 'nominal', title: null, sort: null },
    ...(several && revisions > 1 ? { strokeDash: { field: 'series', type: 'nominal', title: null, sort: null } } : {}),
  };
}

function typeOf({ points }: Plot, axis: 'x' | 'y'): string {
  return points.every((point) => typeof point[axis] === 'number') ? 'quantitative' : 'nominal';
}

function confusion(plot: Plot, shown: 'count' | 'share'): Spec {
  const text = shown === 'count' ? '' : '.0%';
  const revisions = [...new Set(plot.points.map(({ rev }) => rev))];
  const cell = {
    x: { field: 'y', type: 'nominal', title: plot.yLabel ?? plot.y[0] ?? null },
    y: { field: 'x', type: 'nominal', title: plot.xLabel ?? plot.x },
  };
  const side = 260;
  return {
    transform: [
      { aggregate: [{ op: 'count', as: 'count' }], groupby: ['rev', 'x', 'y'] },
      { joinaggregate: [{ op: 'sum', field: 'count', as: 'total' }], groupby: ['rev', 'x'] },
      { calculate: 'datum.count / datum.total', as: 'share' },
    ],
    ...(revisions.length > 1
      ? { facet: { column: { field: 'rev', type: 'nominal', title: null, sort: revisions } } }
      : {}),
    ...withSpec(revisions.length > 1, {
      width: side,
      height: side,
      layer: [
        {
          mark: { type: 'rect', tooltip: true },
          encoding: {
            ...cell,
            color: { field: shown, type: 'quantitative', legend: null, scale: { scheme: 'blues' } },
          },
        },
        {
          mark: { type: 'text' },
          encoding: {
            ...cell,
            text: { field: shown, type: 'quantitative', ...(text === '' ? {} : { format: text }) },
            color: { condition: { test: `datum.share > 0.5`, value: 'white' }, value: '#08306b' },
          },
        },
      ],
    }),
  };
}

/** A faceted plot has its size inside, and none outside. */
function withSpec(isFaceted: boolean, inner: Spec): Spec {
  return isFaceted ? { spec: inner } : inner;
}

function bars(plot: Plot, sort: string | null): Spec {
  return {
    mark: { type: 'bar', tooltip: true },
    height: { step: 18 },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: plot.xLabel ?? plot.x },
      y: { field: 'y', type: 'nominal', title: plot.yLabel ?? plot.y[0] ?? null, sort },
      yOffset: { field: 'rev', sort: null },
      color: { field: 'rev', type: 'nominal', title: null, sort: null },
    },
  };
}

function fillIn(text: string, plot: Plot, data: Spec): Spec {
  const words: Readonly<Record<string, string>> = {
    DVC_METRIC_X: 'x',
    DVC_METRIC_Y: 'y',
    DVC_METRIC_X_LABEL: plot.xLabel ?? plot.x,
    DVC_METRIC_Y_LABEL: plot.yLabel ?? plot.y[0] ?? '',
    DVC_METRIC_TITLE: plot.title,
    DVC_METRIC_TYPE: 'quantitative',
  };
  try {
    const filled = text
      .replaceAll('"<DVC_METRIC_DATA>"', JSON.stringify(data['values']))
      .replace(/<(DVC_METRIC_[A-Z_]+)>/g, (anchor, name: string) =>
        name in words ? JSON.stringify(words[name]).slice(1, -1) : anchor,
      );
    const spec = JSON.parse(filled) as Spec;
    return text.includes('DVC_METRIC_DATA') ? spec : { ...spec, data };
  } catch (error) {
    throw new MlopsError('invalid-file', `The template ${plot.template} is not JSON: ${(error as Error).message}.`);
  }
}
