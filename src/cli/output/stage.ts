import type { StageShown } from '../../features/pipeline/definition/stage-show.ts';
import type { Style } from './style.ts';

/** A stage, a line for each thing that is said of it. */
export function renderStage(stage: StageShown['stages'][number], style: Style): string {
  const flags = (output: (typeof stage.outs)[number]) => {
    const said = [
      ...(output.cache === (output.role === 'outs') ? [] : [output.cache ? 'cached' : 'not cached']),
      ...(output.persist ? ['persist'] : []),
      ...(output.push ? [] : ['not pushed']),
      ...(output.remote === null ? [] : [`remote ${output.remote}`]),
    ];
    return `${style.path(output.path)}${said.length === 0 ? '' : style.dim(` (${said.join(', ')})`)}`;
  };
  const params = stage.params.map(({ file, names }) => `${style.path(file)}: ${names?.join(', ') ?? 'all of it'}`);
  const rows: [string, readonly string[]][] = [
    ['is', stage.desc === null ? [] : [stage.desc]],
    ['runs', stage.runner === 'command' ? stage.cmd.flatMap((script) => script.split('\n')) : [stage.runner]],
    ['in', stage.wdir === '.' ? [] : [style.path(stage.wdir)]],
    ['with', stage.shell === null ? [] : [stage.shell]],
    ['reads', stage.deps.map(style.path)],
    ['params', params],
    ['env', stage.env],
    ...(['outs', 'metrics', 'plots'] as const).map((role): [string, string[]] => [
      role === 'outs' ? 'writes' : role,
      stage.outs.filter((output) => output.role === role).map(flags),
    ]),
    ['limits', limitsOf(stage)],
    ['after', stage.upstream],
    ['before', stage.downstream],
  ];
  const lines = rows.flatMap(([name, texts]) =>
    texts.map((text, at) => `  ${(at === 0 ? name : '').padEnd(8)}${text}`.trimEnd()),
  );
  const state = stage.frozen ? ' (frozen)' : stage.alwaysChanged ? ' (always changed)' : '';
  return [`${stage.stage}${state}  ${style.dim(`${style.path(stage.file)}:${stage.line}`)}`, ...lines].join('\n');
}

function limitsOf({ timeoutMilliseconds, retries, resources, mutex }: StageShown['stages'][number]): string[] {
  return [
    ...(timeoutMilliseconds === null ? [] : [`ended after ${timeoutMilliseconds / 1000} s`]),
    ...(retries === 0 ? [] : [`tried again ${retries} times`]),
    ...Object.entries(resources).map(([name, count]) => `holds ${count} ${name}`),
    ...mutex.map((word) => `never beside another with "${word}"`),
  ];
}
