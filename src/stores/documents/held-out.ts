import { type BuiltIn, decodeBuiltIn } from '../../core/built-in/index.ts';
import type { Stage } from '../../core/stage.ts';

/** The stages, of which an evaluation on rows that training set aside reads the files that its model was trained with. */
export function withHeldOutData(stages: readonly Stage[]): readonly Stage[] {
  if (!stages.some(({ runner }) => runner === 'evaluate')) return stages;
  const trained = new Map(
    stages
      .filter(({ runner }) => runner === 'train')
      .flatMap((stage) => stage.outputs.map(({ path }) => [path, settingsOf('train', stage).data])),
  );
  return stages.map((stage) => {
    if (stage.runner !== 'evaluate') return stage;
    const { model, data } = settingsOf('evaluate', stage);
    const files = trained.get(model);
    if (files === undefined || 'file' in data) return stage;
    const read = [files.train, files[data.part]].filter((file) => file !== null);
    return { ...stage, dependencies: [...new Set([...stage.dependencies, ...read])] };
  });
}

function settingsOf<Kind extends BuiltIn>(kind: Kind, { settings }: Stage) {
  return decodeBuiltIn(kind, settings ?? {}).settings;
}
