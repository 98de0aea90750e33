import { type BuiltIn, decodeBuiltIn } from '../../core/built-in/index.ts';
import { resolveBackend } from '../../core/built-in/resolve-settings.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Json, ValueMap } from '../../core/value.ts';
import type { JobContext } from './job-context.ts';
import { evaluate } from './evaluate.ts';
import { predict } from './predict.ts';
import { train } from './train.ts';

/** Does the work of a built-in stage in this process. The settings are those of the pipeline, filled in or not. */
export async function runJob(kind: BuiltIn, raw: ValueMap, context: JobContext): Promise<Json> {
  const { engine: _, ...asked } = raw;
  switch (kind) {
    case 'train':
      return train(checked('train', asked), resolveBackend(kind, asked), context);
    case 'evaluate':
      return evaluate(checked('evaluate', asked), resolveBackend(kind, asked), context);
    case 'predict':
      return predict(checked('predict', asked), resolveBackend(kind, asked), context);
  }
}

function checked<Kind extends BuiltIn>(kind: Kind, raw: ValueMap) {
  const { settings, problems } = decodeBuiltIn(kind, raw);
  if (problems.length === 0) return settings;
  throw new MlopsError('usage', problems.map(({ message }) => message).join(' '));
}
