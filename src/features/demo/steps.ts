import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allRestored, clean, has, metricsMoved, onlyRan, outcomes } from './checks.ts';

/** One step of the demo: what it is for, what runs, and what must be true of its result. */
export interface DemoStep {
  readonly text: string;
  readonly program: 'mlops' | 'git';
  /** Null: nothing runs, files are only laid out. */
  readonly argv: readonly string[] | null;
  /** The line a user would type. */
  readonly shown: string;
  readonly cwd: string;
  readonly before?: (copy: (from: string, to: string) => void) => void;
  /** What is wrong with the result, in words; null when it is as it should be. */
  readonly check?: (result: unknown) => string | null;
}

// A name and an address of its own, so that the demo's commits work on a machine where Git knows no user.
const AS_DEMO = ['-c', 'user.name=mlops demo', '-c', 'user.email=demo@example.invalid', '-c', 'commit.gpgsign=false'];

/** The story: from raw data to a compared metric, in a second clone as well, and back again. */
export function demoSteps(folder: string, fixtures: { data: string; code: string }): readonly DemoStep[] {
  const project = join(folder, 'project');
  const clone = join(folder, 'clone');
  const mlops = (text: string, argv: readonly string[], more: Partial<DemoStep> = {}): DemoStep => ({
    text,
    program: 'mlops',
    argv,
    shown: `mlops ${argv.join(' ')}`,
    cwd: project,
    ...more,
  });
  const git = (text: string, argv: readonly string[], more: Partial<DemoStep> = {}): DemoStep => ({
    ...mlops(text, [...AS_DEMO, ...argv], more),
    program: 'git',
    shown: `git ${argv.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' ')}`,
  });

  return [
    git('A new Git repository, for code and for what describes the data.', [
      'init',
      '--quiet',
      '--initial-branch',
      'main',
    ]),
    mlops('mlops lays out its files beside the code.', ['init']),
    mlops(
      'The raw data: 344 penguins, with missing values. Its bytes go to a cache, its digest to Git.',
      ['add', 'data/penguins.csv'],
      {
        before: (copy) => copy(fixtures.data, join(project, 'data', 'penguins.csv')),
        check: has('added', 1),
      },
    ),
    mlops(
      'A pipeline of three stages in .mlops.yaml: prepare (a Node script), train and evaluate (built in, on TensorFlow.js).',
      ['repro'],
      {
        before: (copy) => copy(fixtures.code, project),
        check: onlyRan('prepare', 'train', 'evaluate'),
      },
    ),
    mlops('A place where the team keeps its data: here a folder, in real life s3://bucket/prefix.', [
      'remote',
      'add',
      '-d',
      'team',
      '../remote',
    ]),
    git('Code, params, lockfile and metrics go into one commit.', ['add', '.']),
    git('', ['commit', '--quiet', '-m', 'Penguins: first model']),
    mlops('The data of that commit goes to the remote.', ['push'], { check: has('failed', 0) }),
    mlops('Another value in params.yaml: 2 epochs instead of 60. Only what depends on it runs.', ['repro'], {
      before: () => setEpochs(project, 60, 2),
      check: outcomes({ prepare: 'up-to-date', train: 'ran', evaluate: 'ran' }),
    }),
    mlops('Is it better? The workspace against the last commit.', ['metrics', 'diff'], { check: metricsMoved }),
    git('A colleague clones the repository …', ['clone', '--quiet', project, clone], {
      cwd: folder,
      shown: 'git clone project clone',
    }),
    mlops('… gets the data of that commit …', ['pull'], { cwd: clone, check: has('failed', 0) }),
    mlops('… has exactly what was committed …', ['status'], { cwd: clone, check: clean }),
    mlops('… and nothing to run.', ['repro'], {
      cwd: clone,
      check: outcomes({ prepare: 'up-to-date', train: 'up-to-date', evaluate: 'up-to-date' }),
    }),
    mlops('Back to the first value: what ran once is restored, not run again.', ['repro'], {
      before: () => setEpochs(project, 2, 60),
      check: allRestored('train', 'evaluate'),
    }),
  ];
}

function setEpochs(project: string, from: number, to: number): void {
  const file = join(project, 'params.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(`epochs: ${from}`, `epochs: ${to}`));
}
