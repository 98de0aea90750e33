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
const names = graph.stages.map(({ name }) => name);

test('in the terminal each stage stands below what it reads, and is drawn once', () => {
  expect(drawText(graph, names)).toBe(
    ['prepare', '├─▶ train', '│   └─▶ evaluate', '│       └─▶ publish', '└─▶ evaluate …', 'say "hi"', ''].join('\n'),
  );
});

test('Mermaid and Graphviz get the same nodes and edges', () => {
  const some = ['prepare', 'train', 'say "hi"'];
  expect(drawMermaid(graph, some)).toBe(
    'flowchart TD\n  n1["prepare"]\n  n2["train"]\n  n3["say #34;hi#34;"]\n  n1 --> n2\n',
  );
  expect(drawDot(graph, some)).toBe(
    'digraph pipeline {\n  "prepare";\n  "train";\n  "say \\"hi\\"";\n  "prepare" -> "train";\n}\n',
  );
});
