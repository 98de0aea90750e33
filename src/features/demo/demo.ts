import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { interruption, MlopsError } from '../../core/errors.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { Report } from '../../core/event.ts';
import { packageFolder } from '../../system/package-folder.ts';
import { type DemoStep, demoSteps } from './steps.ts';

/** What ran of one command line: its exit code, the text it printed, and the document behind it. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  readonly result: unknown;
}

/** What the demo needs of the world around it. */
export interface DemoRequest {
  /** As typed; null for `mlops-demo` in the current folder. */
  readonly folder: string | null;
  readonly cwd: string;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Runs a command line of this very tool in a folder. */
  readonly runMlops: (argv: readonly string[], cwd: string) => Promise<CommandOutcome>;
  /** Runs Git in a folder, and says what it printed. */
  readonly runGit: (argv: readonly string[], cwd: string) => Promise<CommandOutcome>;
}

/** What `mlops demo` did: each step with the command a user would type, and where everything is now. */
export interface DemoResult {
  readonly project: string;
  readonly remote: string;
  readonly clone: string;
  readonly steps: readonly { readonly command: string; readonly milliseconds: number }[];
  readonly next: readonly string[];
}

/** Plays the main job on real data in a new folder, checking each step; fails at the first that does not do what it says. */
export async function runDemo(request: DemoRequest): Promise<DemoResult> {
  const folder = resolve(request.cwd, request.folder ?? 'mlops-demo');
  const project = join(folder, 'project');
  layOut(folder, project);

  const steps: { command: string; milliseconds: number }[] = [];
  for (const step of demoSteps(folder, fixtures())) {
    const startedAt = request.now().getTime();
    try {
      await play(step, request);
    } catch (error) {
      // What a step was stopped in is no fault of the step.
      if (!request.signal.aborted) throw error;
    }
    if (request.signal.aborted) throw stopped(request, folder);
    steps.push({ command: step.shown, milliseconds: request.now().getTime() - startedAt });
  }

  const where = relative(request.cwd, project) || project;
  return {
    project,
    remote: join(folder, 'remote'),
    clone: join(folder, 'clone'),
    steps,
    next: [
      `cd ${where}`,
      'mlops dag',
      'mlops status',
      'mlops runs list',
      'mlops metrics show main workspace',
      'mlops --help',
    ],
  };
}

/** The files that the demo's project begins with: its data and its code. */
function fixtures(): { data: string; code: string } {
  const folder = join(packageFolder(), 'fixtures');
  return { data: join(folder, 'penguins', 'penguins.csv'), code: join(folder, 'demo') };
}

function stopped({ signal, cwd }: DemoRequest, folder: string): MlopsError {
  const { kind, message } = interruption(signal.reason);
  const where = shellWord(relative(cwd, folder) || folder);
  return new MlopsError(kind, message, { hint: `To begin anew: rm -r ${where} && mlops demo ${where}` });
}

function layOut(folder: string, project: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new MlopsError('refused', `The demo wants a new folder, but ${folder} is not empty.`, {
      hint: 'Name another one: mlops demo <folder>',
    });
  }
  mkdirSync(project, { recursive: true });
}

async function play(step: DemoStep, request: DemoRequest): Promise<void> {
  request.report({ type: 'narration', text: step.text, command: null, output: null });
  step.before?.(copyFile);
  if (step.argv === null) return;

  request.report({ type: 'narration', text: null, command: step.shown, output: null });
  const run = step.program === 'git' ? request.runGit : request.runMlops;
  const outcome = await run(step.argv, step.cwd);
  const output = (outcome.out || outcome.err).trimEnd();
  if (output !== '' && step.program === 'mlops') {
    request.report({ type: 'narration', text: null, command: null, output });
  }

  const wrong = outcome.exitCode === 0 ? step.check?.(outcome.result) : `it exited with ${outcome.exitCode}`;
  if (wrong === undefined || wrong === null) return;
  throw new MlopsError('failed', `The demo's step \`${step.shown}\` did not do what it says: ${wrong}.`, {
    hint: `Look at ${step.cwd}, or run the step again there. What it printed: ${(outcome.err || outcome.out).trim() || 'nothing'}`,
  });
}

function copyFile(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
}
