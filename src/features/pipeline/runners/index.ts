import type { RunnerName } from '../../../core/stage.ts';
import { evaluateRunner, predictRunner, trainRunner } from './built-in.ts';
import { commandRunner } from './command.ts';
import type { StageRunner } from './runner.ts';

/** Every way to run a stage. To add one, write its file and name it here. */
export const RUNNERS: Readonly<Record<RunnerName, StageRunner>> = {
  command: commandRunner,
  train: trainRunner,
  evaluate: evaluateRunner,
  predict: predictRunner,
};
