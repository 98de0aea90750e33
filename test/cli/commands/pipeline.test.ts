import { describe, expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { shapeOf } from './shapes.ts';
import { sqliteMissing } from '../../support/sqlite.ts';

const PIPELINE = `stages:
  clean:
    cmd: sort raw.txt > clean.txt
    deps: [raw.txt]
    outs: [clean.txt]
  count:
    cmd: echo "{\\"lines\\":$(wc -l < clean.txt)}" > metrics.json
    deps: [clean.txt]
    params: [count.unit]
    metrics: [metrics.json]
`;

const createProject = (pipeline = PIPELINE) =>
  createCliProject({ '.mlops.yaml': pipeline, 'raw.txt': 'b\na\n', 'params.yaml': 'count: { unit: line }\n' });

const REASONS = [{ type: 'string' }];

describe('repro', () => {
  test.skipIf(sqliteMissing !== null)(
    'tells each stage as it runs, then counts, then the exact line for Git',
    async () => {
      const { mlops } = await createProject();
      const { exitCode, out, err } = await mlops('repro');
      expect(exitCode).toBe(0);
      expect(err.replaceAll(/in \d+ ms|in [\d.]+ s/g, 'in a moment')).toBe(`Running stage clean (never run)
Ran stage clean in a moment
Running stage count (never run)
Ran stage count in a moment
`);
      expect(out).toMatch(/^2 stages ran\.\n\nTo keep this in Git:\n {2}git add \.gitignore \.mlops\.lock\.yaml.*\n$/);
      expect((await mlops('repro')).out).toBe('Nothing to run: 2 stages up to date.\n');
    },
  );

  test('as a dry run says what would run and why, and runs nothing', async () => {
    const project = await createProject();
    await project.mlops('repro');
    await project.write({ 'params.yaml': 'count: { unit: word }\n' });
    const { out, events } = await project.mlops('repro', '--dry-run');
    expect(out).toBe('count would run (param count.unit changed in params.yaml)\n');
    expect(events).toEqual([]);
  });

  test('of a stage that fails is exit 3, with what it printed, and its document all the same', async () => {
    const { mlops } = await createProject('stages:\n  bad: { cmd: "echo why >&2; exit 4", outs: [never.txt] }\n');
    const { exitCode, out, err } = await mlops('repro');
    expect(exitCode).toBe(3);
    expect(out).toMatch(/^1 stage failed\.\n/);
    expect(err).toContain('bad: why\n');
    expect(err).toMatch(/^error: .*"bad".*4/m);
    const json = await mlops('repro', '--json');
    expect(json.exitCode).toBe(3);
    expect(json.json()).toMatchObject({ stages: [{ stage: 'bad', outcome: 'failed', exitCode: 4 }] });
    const lines = json.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual({ type: 'stage-output', stage: 'bad', stream: 'stderr', text: 'why' });
    expect(lines.at(-1)).toMatchObject({ type: 'error', kind: 'stage-failed' });
  });

  test('has the document of the contract', async () => {
    const { mlops } = await createProject();
    expect(shapeOf((await mlops('repro', '--json')).json())).toMatchObject({
      run: 'string',
      stages: [{ stage: 'string', outcome: 'string', reasons: REASONS, milliseconds: 'number', exitCode: 'number' }],
    });
  });

  test('of a stage that there is not is exit 2, with the nearest name', async () => {
    const { mlops } = await createProject();
    const { exitCode, err } = await mlops('repro', 'cuont');
    expect(exitCode).toBe(2);
    expect(err).toContain('count');
  });

  test('without stages is a line', async () => {
    const { mlops } = await createProject('');
    expect((await mlops('repro')).out).toBe('There are no stages; describe them in .mlops.yaml.\n');
    expect((await mlops('dag')).out).toBe('There are no stages; describe them in .mlops.yaml.\n');
    expect((await mlops('stage', 'list')).out).toBe('There are no stages; describe them in .mlops.yaml.\n');
  });
});

test('status says why in words, for each stage', async () => {
  const project = await createProject();
  await project.mlops('repro');
  await project.write({ 'raw.txt': 'c\n' });
  expect((await project.mlops('status')).out).toBe(`Stages to run:
  (mlops repro runs them)
  clean  dependency raw.txt changed
  count  after stage clean
`);
});

describe('dag', () => {
  test('draws the graph for a terminal, a document and Graphviz', async () => {
    const { mlops } = await createProject();
    expect((await mlops('dag')).out).toBe('clean\n└─▶ count\n');
    expect((await mlops('dag', 'clean', '--mermaid')).out).toBe('flowchart TD\n  n1["clean"]\n');
    expect((await mlops('dag', '--md')).out).toMatch(/^```mermaid\nflowchart TD\n[^`]+```\n$/);
    expect((await mlops('dag', '--dot')).out).toContain('  "clean" -> "count";\n');
  });

  test('draws what stages write, and one form at a time', async () => {
    const { mlops, write } = await createProject();
    await write({
      '.mlops.yaml':
        'stages: { a: { cmd: x, outs: [d, e.csv] }, b: { cmd: x, deps: [d/in.csv], outs: [m], metrics: [n.json] }, c: { cmd: x, deps: [m, "*.csv"] } }',
    });
    expect((await mlops('dag', '--outs')).out).toBe('d\n├─▶ m\n└─▶ n.json\ne.csv\n');
    expect((await mlops('dag', '--outs', 'a', '--json')).json()).toEqual({ nodes: ['d', 'e.csv'], edges: [] });
    expect((await mlops('dag', '--outs', '--dot')).out).toContain('  "d" -> "n.json";\n');
    const both = await mlops('dag', '--dot', '--md');
    expect([both.exitCode, both.err]).toEqual([2, expect.stringContaining('Name one form')]);
  });

  test('has the document of the contract', async () => {
    const { mlops } = await createProject();
    expect((await mlops('dag', '--json')).json()).toEqual({
      nodes: ['clean', 'count'],
      edges: [{ from: 'clean', to: 'count' }],
    });
  });
});

test('stage list is a table, and the document of the contract', async () => {
  const { mlops } = await createProject();
  expect((await mlops('stage', 'list')).out).toBe(`stage  does                                                    writes
clean  sort raw.txt > clean.txt                                clean.txt
count  echo "{\\"lines\\":$(wc -l < clean.txt)}" > metrics.json  metrics.json
`);
  expect((await mlops('stage', 'list', 'clean', '--json')).json()).toEqual({
    stages: [
      {
        stage: 'clean',
        cmd: 'sort raw.txt > clean.txt',
        deps: ['raw.txt'],
        outs: ['clean.txt'],
        desc: null,
        frozen: false,
      },
    ],
  });
});

describe('runs', () => {
  test.skipIf(sqliteMissing !== null)('list and show what was run', async () => {
    const { mlops } = await createProject();
    expect((await mlops('runs', 'list')).out).toBe('There are no runs yet: mlops repro\n');
    await mlops('repro');
    const { out } = await mlops('runs', 'list');
    expect(out).toMatch(
      /^run +commit +outcome +took +stages +metrics\n\d{8}T\d{6}Z-\w+ +- +succeeded .+ clean count +lines=2\n$/,
    );
    const [id = ''] = /\d{8}T\d{6}Z-\w+/.exec(out) ?? [];
    const shown = await mlops('runs', 'show', id.slice(0, 18));
    expect(shown.out).toContain(`${id}  succeeded\n`);
    expect(shown.out).toMatch(/metrics\.json:lines +2\n/);
    expect((await mlops('runs', 'list', '--stage', 'other', '--json')).json()).toEqual({ runs: [], total: 0 });
    expect((await mlops('runs', 'list', '--csv')).out).toMatch(/^run,commit,outcome,took,stages,metrics\n/);
    expect((await mlops('runs', 'show', 'nothing')).exitCode).toBe(2);
  });

  test.skipIf(sqliteMissing !== null)('have the document of the contract', async () => {
    const { mlops } = await createProject();
    await mlops('repro');
    expect(shapeOf((await mlops('runs', 'list', '--json')).json())).toMatchObject({
      runs: [
        {
          id: 'string',
          startedAt: 'string',
          milliseconds: 'number',
          commit: null,
          dirty: 'boolean',
          outcome: 'string',
          stages: [{ stage: 'string', outcome: 'string' }],
          params: { 'params.yaml:count.unit': 'string' },
          metrics: { 'metrics.json:lines': 'number' },
        },
      ],
    });
  });
});

test('repro -S changes params first, comments staying; a dry run changes nothing', async () => {
  const project = await createProject();
  await project.write({ 'params.yaml': 'count:\n  unit: line # or word\n' });
  await project.mlops('repro');
  const planned = await project.mlops('repro', '-n', '-S', 'count.unit=word');
  expect(planned.out).toBe('count would run (param count.unit changed in params.yaml)\n');
  expect(await project.read('params.yaml')).toBe('count:\n  unit: line # or word\n');
  expect((await project.mlops('repro', '-S', 'count.unit=word', 'count')).out).toContain('1 stage ran, 1 up to date.');
  expect(await project.read('params.yaml')).toBe('count:\n  unit: word # or word\n');
  expect((await project.mlops('repro', '-S', 'count.unit')).err).toContain(
    '--set-param: "count.unit" is not name=value.',
  );
});

describe('repro -j', () => {
  const parallel = (limits: string) => `resources: { gpu: 1 }
stages:
  left: { cmd: "echo from the left > l; cat l", outs: [l]${limits} }
  right: { cmd: "echo from the right > r; cat r", outs: [r]${limits} }
`;

  test('runs stages at once, says whose each line is, and returns the same document', async () => {
    const { mlops } = await createProject(parallel(''));
    const { exitCode, err, json } = await mlops('repro', '-j', '2', '--json');
    expect(exitCode).toBe(0);
    expect(err).toContain('"type":"stage-output"');
    expect(json()).toMatchObject({
      stages: [
        { stage: 'left', outcome: 'ran' },
        { stage: 'right', outcome: 'ran' },
      ],
    });
    const again = await mlops('repro', '-f', '-j');
    expect(again.err).toContain('left: from the left\n');
    expect(again.err).toContain('right: from the right\n');
    expect(again.out).toContain('2 stages ran.');
  });

  test('takes a count from one up, and refuses a resource that there is not', async () => {
    const { mlops, write } = await createProject(parallel(''));
    expect((await mlops('repro', '-j', '0')).err).toContain('--jobs: "0" is not a whole number above zero.');
    await write({ '.mlops.yaml': parallel(', resources: { tpu: 1 }') });
    const { exitCode, err } = await mlops('repro', '-j');
    expect(exitCode).toBe(2);
    expect(err).toContain('.mlops.yaml:3:3');
  });
});

test('repro --ignore-errors goes on, and exits with 3 all the same; the error names the log', async () => {
  const { mlops } = await createProject(`stages:
  bad: { cmd: "echo so far; sleep 60", outs: [x], timeout: 100ms }
  good: { cmd: "echo > y", outs: [y] }
`);
  const { exitCode, out, err } = await mlops('repro', '--ignore-errors');
  expect(exitCode).toBe(3);
  expect(out).toContain('1 stage ran, 1 failed.');
  expect(err).toContain('error: Stage "bad" was ended: it took longer than its timeout allows.\n');
  expect(err).toMatch(/hint: Kept for a look: what it wrote in .+, what it said in \.mlops\/logs\/.+\/bad\.log\.\n/);
});
