import type { Json } from '../core/value.ts';
import { MlopsError } from '../core/errors.ts';

// Colours of text and lines are the page's own, so that a picture fits a dark page too.
const LOOK = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  title: { color: 'currentColor', fontSize: 13 },
  axis: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    domainColor: 'currentColor',
    tickColor: 'currentColor',
    gridColor: 'currentColor',
    gridOpacity: 0.12,
  },
  legend: { labelColor: 'currentColor', titleColor: 'currentColor' },
  header: { labelColor: 'currentColor', titleColor: 'currentColor' },
};

/** What the package has and its types do not say. */
interface Random {
  readonly setRandom: (source: () => number) => void;
  readonly randomLCG: (seed: number) => () => number;
}

/** Draws a Vega-Lite specification as SVG. Fails with `invalid-file` when it cannot be drawn. */
export async function drawSvg(spec: { readonly [key: string]: Json }, title: string): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  // What is scattered at random is scattered alike in every run.
  const { setRandom, randomLCG } = vega as unknown as Random;
  setRandom(randomLCG(7));
  try {
    const { spec: compiled } = compile(spec as unknown as Parameters<typeof compile>[0], {
      config: LOOK,
      logger: vega.logger(vega.Error),
    });
    const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Error });
    const svg = await view.toSVG();
    view.finalize();
    return svg;
  } catch (error) {
    throw new MlopsError('invalid-file', `The plot "${title}" cannot be drawn: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
