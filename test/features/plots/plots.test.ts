import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';

const CURVE = 'epoch,loss,val_loss\n1,0.9,1.0\n2,0.5,0.7\n3,0.3,0.6\n';
const PIPELINE = `plots:
  - curve.csv: { x: epoch, y: [loss, val_loss], title: Loss }
  - confusion.csv: { x: actual, y: predicted, template: confusion }
  - picture.png
`;
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

async function createPlots(files: Record<string, string | Uint8Array> = {}) {
  const project = await createCliProject({
    '.mlops.yaml': PIPELINE,
    'curve.csv': CURVE,
    'confusion.csv': 'actual,predicted\n1,1\n1,2\n2,2\n',
    'picture.png': PIXEL,
    ...files,
  });
  const commit = async (message: string) => {
    execFileSync('git', ['add', '.'], { cwd: project.root });
    execFileSync('git', ['commit', '-qm', message], { cwd: project.root });
  };
  await commit('one');
  return { ...project, commit };
}

interface Document {
  readonly plots: readonly {
    id: string;
    x: string;
    y: string[];
    points: { rev: string; series: string; x: number; y: number }[];
  }[];
  readonly images: readonly { id: string; rev: string }[];
  readonly errors: readonly { file: string; revision: string; message: string }[];
}

describe('plots show', () => {
  test('writes one page that needs nothing else, with a table for whoever cannot see it', async () => {
    const { mlops, read } = await createPlots();
    expect(await mlops('plots', 'show')).toMatchObject({ exitCode: 0, out: 'Wrote .mlops/plots/index.html\n' });
    const page = await read('.mlops/plots/index.html');
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(page).toContain('aria-label="Loss: 6 points of loss, val_loss over epoch"');
    expect(page).toContain(`<img src="data:image/png;base64,${PIXEL.toString('base64')}"`);
    expect(page).toContain('<td>workspace</td><td>val_loss</td><td>2</td><td>0.7</td>');
    expect(page).not.toMatch(/(src|href)="https?:|@import|url\(/);
    expect(page).toContain('currentColor');
  });

  test('draws a picture for each plot, the same in every run', async () => {
    const { mlops, read } = await createPlots();
    const files = ['out/curve.csv.svg', 'out/confusion.csv.svg'];
    expect(
      (await mlops('plots', 'show', '--svg', '-o', 'out', '--template', 'scatter_jitter', 'curve.csv')).exitCode,
    ).toBe(0);
    const first = await read('out/curve.csv.svg');
    await mlops('plots', 'show', '--svg', '-o', 'out', '--template', 'scatter_jitter', 'curve.csv');
    expect(await read('out/curve.csv.svg')).toBe(first);
    expect((await mlops('plots', 'show', '--svg', '-o', 'out', '--json')).json<{ files: string[] }>().files).toEqual(
      files,
    );
  });

  test('draws in characters', async () => {
    const { mlops } = await createPlots();
    const { out } = await mlops('plots', 'show', '--terminal');
    expect(out).toMatch(/^Loss\n +1 /);
    expect(out).toContain('• workspace loss   + workspace val_loss');
    expect(out).toContain('workspace: actual \\ predicted  1  2');
    expect(out).toMatch(/\n +1 +1 +1\n +2 +0 +1/);
  });

  test.each([
    'linear',
    'simple',
    'smooth',
    'scatter',
    'scatter_jitter',
    'confusion',
    'confusion_normalized',
    'bar_horizontal',
    'bar_horizontal_sorted',
  ])('the template %s is drawn', async (template) => {
    const { mlops } = await createPlots();
    const result = await mlops(
      'plots',
      'show',
      'curve.csv',
      '--template',
      template,
      '-x',
      'epoch',
      '-y',
      'loss',
      '--svg',
    );
    expect(result).toMatchObject({ exitCode: 0, err: '' });
  });

  test('a template of the project is filled in, with the anchors of DVC', async () => {
    const template = JSON.stringify({
      mark: 'bar',
      data: { values: '<DVC_METRIC_DATA>' },
      title: '<DVC_METRIC_TITLE>',
      encoding: { x: { field: '<DVC_METRIC_X>' }, y: { field: '<DVC_METRIC_Y>' } },
    });
    const { mlops } = await createPlots({ 'templates/own.json': template });
    const { out } = await mlops('plots', 'show', 'curve.csv', '--template', 'templates/own.json', '--vega');
    expect(JSON.parse(out)['curve.csv']).toMatchObject({ mark: 'bar', title: 'Loss', encoding: { x: { field: 'x' } } });
    expect(JSON.parse(out)['curve.csv'].data.values).toHaveLength(6);
  });

  test('reads TSV, JSON and YAML, and without axes takes the step and the last column', async () => {
    const { mlops } = await createPlots({
      'a.tsv': 'step\tloss\n0\t2\n1\t1\n',
      'b.json': '{ "points": [{ "loss": 3 }, { "loss": 2 }] }',
      'c.yaml': '- { fpr: 0, tpr: 0 }\n- { fpr: 1, tpr: 1 }\n',
      'd.csv': 'name,"quoted ""value"""\n"a,b\nc",1\n',
    });
    const { plots } = (await mlops('plots', 'show', '--json', 'a.tsv', 'b.json', 'c.yaml', 'd.csv')).json<Document>();
    expect(
      plots.map(({ x, y, points }) => [x, ...y, points.map((point) => point.x), points.map((point) => point.y)]),
    ).toEqual([
      ['step', 'loss', [0, 1], [2, 1]],
      ['step', 'loss', [0, 1], [3, 2]],
      ['step', 'tpr', [0, 1], [0, 1]],
      ['step', 'quoted "value"', [0], [1]],
    ]);
  });

  test('a folder of DVCLive stands for the files in it', async () => {
    const { mlops } = await createPlots({
      '.mlops.yaml': 'plots: [dvclive/plots]\n',
      'dvclive/plots/metrics/train/loss.tsv': 'step\tloss\n0\t2\n1\t1\n',
      'dvclive/plots/sklearn/roc.json':
        '{ "roc": [{ "fpr": 0, "tpr": 0, "threshold": 2 }, { "fpr": 1, "tpr": 1, "threshold": 1 }] }',
      'dvclive/plots/images/sample.png': PIXEL,
    });
    const { plots, images } = (await mlops('plots', 'show', '--json')).json<Document>();
    expect(plots.map(({ id, x, y }) => [id, x, ...y])).toEqual([
      ['dvclive/plots/metrics/train/loss.tsv', 'step', 'loss'],
      ['dvclive/plots/sklearn/roc.json', 'fpr', 'tpr'],
    ]);
    expect(images).toEqual([{ id: 'dvclive/plots/images/sample.png', rev: 'workspace' }]);
  });
});

describe('plots diff', () => {
  test('lays revisions over each other, pictures side by side with a slider', async () => {
    const { mlops, write, path } = await createPlots();
    await write({ 'curve.csv': CURVE.replace('0.3', '0.2') });
    const { plots } = (await mlops('plots', 'diff', '--json')).json<Document>();
    const last = plots[0]?.points.filter(({ series, x }) => series === 'loss' && x === 3);
    expect(last).toEqual([
      { rev: 'HEAD', series: 'loss', x: 3, y: 0.3 },
      { rev: 'workspace', series: 'loss', x: 3, y: 0.2 },
    ]);
    expect((await mlops('plots', 'diff', 'HEAD', 'workspace', '--', 'picture.png')).exitCode).toBe(0);
    expect(readFileSync(path('.mlops/plots/index.html'), 'utf8')).toContain('type="range"');
  });

  test('a plot that another revision lacks hides nothing', async () => {
    const { mlops, write } = await createPlots();
    await write({ '.mlops.yaml': 'plots: [new.csv]\n', 'new.csv': 'step,loss\n0,1\n' });
    const { plots, errors } = (await mlops('plots', 'diff', '--json')).json<Document>();
    expect(plots.map(({ id }) => id)).toEqual(['curve.csv', 'confusion.csv', 'new.csv']);
    expect(errors).toEqual([]);
  });
});

describe('what cannot be shown is told by name, and the rest is shown', () => {
  test.each([
    [
      'a column that is not there',
      ['curve.csv', '-y', 'lsos'],
      'curve.csv has no column "lsos"; it has epoch, loss, val_loss',
    ],
    ['a template that is not known', ['curve.csv', '--template', 'liner'], 'did you mean "linear"?'],
    ['a broken file', ['broken.csv'], 'Row 2 of broken.csv has 3 fields'],
    ['a file of another kind', ['notes.txt'], 'notes.txt is no file with points'],
  ])('%s', async (_, words, message) => {
    const { mlops } = await createPlots({ 'broken.csv': 'a,b\n1,2,3\n', 'notes.txt': 'x' });
    const { exitCode, out, err } = await mlops('plots', 'show', ...words, 'confusion.csv');
    expect({ exitCode, out: out + err }).toEqual({ exitCode: 1, out: expect.stringContaining(message) });
    expect(out).toContain('Wrote .mlops/plots/index.html');
  });

  test('there is nothing to show', async () => {
    const { mlops } = await createCliProject();
    expect((await mlops('plots', 'show')).out).toContain('There are no plots.');
  });

  test('text in a file cannot become part of the page', async () => {
    const { mlops, read } = await createPlots({ 'x.csv': 'step,<script>alert(1)</script>\n0,1\n' });
    await mlops('plots', 'show', 'x.csv');
    expect(await read('.mlops/plots/index.html')).not.toContain('<script>alert');
  });
});
