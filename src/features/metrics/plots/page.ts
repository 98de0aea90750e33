import { groupBy } from '../../../core/group-by.ts';
import type { Plot, PlotImage, Plots } from './collect.ts';

/** A plot with its picture. */
export interface DrawnPlot {
  readonly plot: Plot;
  readonly svg: string;
}

// A page with every point as text would be larger than its pictures.
const ROWS = 200;

/** One page that needs nothing else: pictures inside, no network, light or dark as the reader has it; tables for those who cannot see it. */
export function renderPage(plots: Plots, drawn: readonly DrawnPlot[]): string {
  const images = [...groupBy(plots.images, ({ id }) => id)];
  const title = `Plots: ${plots.revisions.join(', ')}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escape(title)}</h1></header>
<main>
${errorsPart(plots)}${drawn.map(plotPart).join('\n')}
${images.map(([id, versions]) => imagePart(id, versions)).join('\n')}
${drawn.length === 0 && images.length === 0 ? '<p>There is nothing to show.</p>' : ''}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function errorsPart({ errors }: Plots): string {
  if (errors.length === 0) return '';
  const lines = errors.map(
    ({ file, revision, message }) => `<li><code>${escape(file)}</code> at ${escape(revision)}: ${escape(message)}</li>`,
  );
  return `<section aria-label="What could not be read"><h2>Not shown</h2><ul>${lines.join('')}</ul></section>\n`;
}

function plotPart({ plot, svg }: DrawnPlot): string {
  const summary = `${plot.title}: ${plot.points.length} points of ${plot.y.join(', ')} over ${plot.x}`;
  return `<figure id="${escape(plot.id)}" tabindex="0">
<div role="img" aria-label="${escape(summary)}">${svg}</div>
<details><summary>Points</summary>${tableOf(plot)}</details>
</figure>`;
}

function tableOf({ points, x }: Plot): string {
  const cells = (tag: string, texts: readonly (string | number)[]) =>
    texts.map((text) => `<${tag}>${escape(String(text))}</${tag}>`).join('');
  const rows = points
    .slice(0, ROWS)
    .map((point) => `<tr>${cells('td', [point.rev, point.series, point.x, point.y])}</tr>`);
  const more = points.length > ROWS ? `<p>… and ${points.length - ROWS} more.</p>` : '';
  return `<table><thead><tr>${cells('th', ['revision', 'series', x, 'value'])}</tr></thead><tbody>${rows.join('')}</tbody></table>${more}`;
}

function imagePart(id: string, versions: readonly PlotImage[]): string {
  const shown = versions.map(
    (image) =>
      `<div><img src="data:${image.type};base64,${Buffer.from(image.bytes).toString('base64')}" alt="${escape(`${id} at ${image.rev}`)}"><p>${escape(image.rev)}</p></div>`,
  );
  const slider =
    versions.length === 2
      ? '<label>Compare <input type="range" min="0" max="100" value="50" data-compare></label>'
      : '';
  return `<figure id="${escape(id)}" tabindex="0"><figcaption>${escape(id)}</figcaption>${slider}<div class="images${versions.length === 2 ? ' two' : ''}">${shown.join('')}</div></figure>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `:root{color-scheme:light dark;font-family:system-ui,sans-serif;line-height:1.4}
body{margin:0 auto;max-width:1100px;padding:1rem;background:Canvas;color:CanvasText}
h1{font-size:1.2rem}h2{font-size:1rem}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,32rem),1fr));gap:1.5rem}
main>section{grid-column:1/-1}
figure{margin:0;padding:.75rem;border:1px solid color-mix(in srgb,CanvasText 20%,transparent);border-radius:.5rem;overflow:auto;min-width:0}
figure svg,figure img{max-width:100%;height:auto}
figcaption{font-weight:600;margin-top:.5rem}
table{border-collapse:collapse;font-size:.85rem}td,th{padding:.1rem .6rem;text-align:left;border-bottom:1px solid color-mix(in srgb,CanvasText 15%,transparent)}
.images{display:flex;flex-wrap:wrap;gap:1rem}.images>div{flex:1 1 12rem}
.images.overlaid{display:grid}.images.overlaid>div{grid-area:1/1}
label{display:block;margin:.5rem 0}input[type=range]{width:min(100%,24rem)}`;

// Two pictures lie on each other, and a slider says how much of the second is seen. Without scripts they stand side by side.
const SCRIPT = `for(const slider of document.querySelectorAll('[data-compare]')){const images=slider.closest('figure').querySelector('.images');images.classList.add('overlaid');const top=images.children[1];const show=()=>{top.style.clipPath='inset(0 0 0 '+slider.value+'%)'};slider.addEventListener('input',show);show()}`;
