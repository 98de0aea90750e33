import { join } from 'node:path';
import { splitWords } from '../../../core/shell-word.ts';
import type { Stage } from '../../../core/stage.ts';
import { runProcess } from '../../../system/run-process.ts';
import type { RunContext, RunExit, StageRunner } from './runner.ts';

const DEFAULT_SHELL = 'sh -e';
const LAST_LINES = 10;

/** Runs a stage's scripts in a shell, one after another, up to the first that fails. */
export const commandRunner: StageRunner = {
  name: 'command',
  resolveSettings: () => null,

  async run(stage, context) {
    const last: string[] = [];
    let exit: RunExit = { exitCode: 0, signal: null, lastLines: [], error: null };
    for (const script of stage.scripts) {
      exit = { ...exit, ...(await runScript(stage, script, context, last)), lastLines: last };
      if (exit.exitCode !== 0 || context.signal.aborted) break;
    }
    return exit;
  },
};

function runScript(stage: Stage, script: string, context: RunContext, last: string[]) {
  const [file = 'sh', ...flags] = splitWords(stage.shell ?? DEFAULT_SHELL) ?? [];
  return runProcess(file, [...flags, '-c', script], {
    cwd: join(context.root, stage.wdir),
    env: stageEnvironment(stage, context),
    signal: context.signal,
    onLine(stream, text) {
      context.report({ type: 'stage-output', stage: stage.name, stream, text });
      if (stream === 'stderr' && last.push(text) > LAST_LINES) last.shift();
    },
  });
}

/** What a stage sees beside the environment that the tool was started in. */
export function stageEnvironment(stage: Stage, context: RunContext): Readonly<Record<string, string | undefined>> {
  return {
    ...context.env,
    MLOPS_ROOT: context.root,
    MLOPS_STAGE: stage.name,
    MLOPS_RUN: context.run,
    MLOPS_PARAMS: context.paramsFile,
  };
}
