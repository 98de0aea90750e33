import { expect, test } from 'vitest';
import { drawDot, drawMermaid, drawText } from '../../../src/features/pipeline/definition/draw.ts';
import { buildGraph } from '../../../src/features/pipeline/definition/graph.ts';
import { step } from '../../support/pipelines.ts';

const graph = buildGraph({
  stages: [
    step('prepare', [], ['clean']),
    step('train', ['clean'], ['model']),
    step('evaluate', ['clean', 'model'], ['report']),
    step('publish', ['report'], ['site']),
    step('say "hi"', [], ['hi']),
  ],
});
const draw = (names: readonly string[]) => ({
  nodes: names,
  edges: names.flatMap((to) =>
    (graph.upstream.get(to) ?? []).filter((from) => names.includes(from)).map((from) => ({ from, to })),
  ),
});
const all = draw(graph.stages.map(({ name }) => name));

test('in the terminal each stage stands below what it reads, and is drawn once', () => {
  expect(drawText(all)).toBe(
    ['prepare', '├─▶ train', '│   └─▶ evaluate', '│       └─▶ publish', '└─▶ evaluate …', 'say "hi"', ''].join('\n'),
  );
});

test('Mermaid and Graphviz get the same nodes and edges', () => {
  const some = draw(['prepare', 'train', 'say "hi"']);
  expect(drawMermaid(some)).toBe('flowchart TD\n  n1["prepare"]\n  n2["train"]\n  n3["say #34;hi#34;"]\n  n1 --> n2\n');
  expect(drawDot(some)).toBe(
    'digraph pipeline {\n  "prepare";\n  "train";\n  "say \\"hi\\"";\n  "prepare" -> "train";\n}\n',
  );
});

test('odd names stay one node in every form', () => {
  const odd = { nodes: ['a\nb', '`x` #1 <b>', '"q"\\'], edges: [{ from: 'a\nb', to: '"q"\\' }] };
  expect(drawText(odd)).toBe('"a\\nb"\n└─▶ "q"\\\n`x` #1 <b>\n');
  expect(drawMermaid(odd).split('\n').slice(1, 4)).toEqual([
    '  n1["a#10;b"]',
    '  n2["#96;x#96; #35;1 #60;b#62;"]',
    '  n3["#34;q#34;#92;"]',
  ]);
  expect(drawDot(odd)).toContain('  "a\\nb" -> "\\"q\\"\\\\";\n');
});

test('a chain and a ladder of 400 stages stay narrow, and draw each stage below others once', () => {
  const nodes = Array.from({ length: 400 }, (_, at) => `s${at}`);
  const steps = (by: number) => nodes.slice(by).map((to, at) => ({ from: `s${at}`, to }));
  for (const edges of [steps(1), [...steps(1), ...steps(2)]]) {
    const lines = drawText({ nodes, edges }).trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(60);
    expect(lines.length).toBeLessThan(edges.length + 50);
    const opened = lines.map((line) => line.replace(/^[│├└─▶ ]*/, '')).filter((line) => /^s\d+$/.test(line));
    // The last has nothing below it, and so no reason to be told apart from one that was drawn.
    expect(new Set(opened).size).toBe(400);
    expect(opened.filter((name) => name !== 's399')).toHaveLength(399);
  }
});
