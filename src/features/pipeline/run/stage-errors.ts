import { MlopsError } from '../../../core/errors.ts';
import type { Stage } from '../../../core/stage.ts';
import type { RunExit } from '../runners/runner.ts';

type Exit = RunExit & { readonly log: string | null };

/** A stage that ended with a failure of its own. */
export function failedExit(stage: Stage, exit: Exit): MlopsError {
  const { exitCode, signal, error } = exit;
  if (error !== null)
    return new MlopsError('stage-failed', error.message, error.hint === null ? {} : { hint: error.hint });
  const how = signal === null ? `exited with ${exitCode}` : `was killed by ${signal}`;
  return withTraces(stage, exit, `Stage "${stage.name}" ${how}.`);
}

/** A stage that was ended because its time was up. */
export function tooLate(stage: Stage, exit: Exit): MlopsError {
  return withTraces(stage, exit, `Stage "${stage.name}" was ended: it took longer than its timeout allows.`);
}

/** A stage that ended well and left out some of its outputs. */
export function notMade(stage: Stage, paths: readonly string[]): MlopsError {
  const message = `Stage "${stage.name}" ended well, but did not write ${paths.join(', ')}.`;
  return new MlopsError('stage-failed', message, {
    hint: `Paths of outputs start at ${stage.wdir === '.' ? "the project's root" : stage.wdir}; correct them in ${stage.place.file}, or the command.`,
  });
}

/** With the last that it said, and where the rest is. */
function withTraces({ name, outputs }: Stage, { lastLines, log }: Exit, sentence: string): MlopsError {
  const said = lastLines.length === 0 ? '' : `\n${lastLines.join('\n')}`;
  const kept = [
    ...(outputs.length === 0 ? [] : [`what it wrote in .mlops/failed/${encodeURIComponent(name)}/`]),
    ...(log === null ? [] : [`what it said in ${log}`]),
  ];
  return new MlopsError(
    'stage-failed',
    `${sentence}${said}`,
    kept.length === 0 ? {} : { hint: `Kept for a look: ${kept.join(', ')}.` },
  );
}
