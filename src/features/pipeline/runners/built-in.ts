import type { BuiltIn } from '../../../core/built-in/index.ts';
import { resolveSettings } from '../../../core/built-in/resolve-settings.ts';
import { stageEnvironment } from './command.ts';
import type { StageRunner } from './runner.ts';

/** Trains a model in a child process, on TensorFlow.js. */
export const trainRunner = builtInRunner('train');

/** Measures a model on data that it has not seen. */
export const evaluateRunner = builtInRunner('evaluate');

/** Writes a model's predictions. */
export const predictRunner = builtInRunner('predict');

function builtInRunner(kind: BuiltIn): StageRunner {
  return {
    name: kind,
    resolveSettings: (stage) => ({ [kind]: resolveSettings(kind, stage.settings ?? {}) }),

    async run(stage, context) {
      const { runBuiltIn } = await import('../../training/run-built-in.ts');
      const { root, report, signal } = context;
      const env = stageEnvironment(stage, context);
      const exit = await runBuiltIn(kind, stage.settings ?? {}, { root, report, signal, stage: stage.name, env });
      const { exitCode, error } = exit;
      return { exitCode, signal: exit.signal, lastLines: [], error };
    },
  };
}
