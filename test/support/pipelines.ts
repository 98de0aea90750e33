import type { Output, Stage } from '../../src/core/stage.ts';

/** A stage with all that a test does not name at its default. */
export function stageOf(name: string, parts: Partial<Stage> = {}): Stage {
  return {
    name,
    runner: 'command',
    scripts: [`make ${name}`],
    shell: null,
    wdir: '.',
    dependencies: [],
    params: [],
    filledIn: {},
    env: [],
    outputs: [],
    settings: null,
    frozen: false,
    alwaysChanged: false,
    timeoutMilliseconds: null,
    retries: 0,
    resources: {},
    mutex: [],
    desc: null,
    meta: null,
    place: { file: '.mlops.yaml', line: 1, column: 1 },
    places: { outputs: new Map(), params: new Map() },
    ...parts,
  };
}

/** An output with all that a test does not name at its default. */
export function outputOf(path: string, parts: Partial<Output> = {}): Output {
  return { path, role: 'outs', cache: true, persist: false, push: true, remote: null, plot: null, ...parts };
}

/** A stage that reads and writes paths. */
export function step(name: string, reads: readonly string[], writes: readonly string[]): Stage {
  return stageOf(name, { dependencies: reads, outputs: writes.map((path) => outputOf(path)) });
}
