import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expand, LITERALS, PARAMS } from '../../support/reference/definition.ts';
import { editPipeline, somePipeline } from '../../support/reference/generate.ts';
import { above, type Asked, chosen, type Fate, type Model, runModel } from '../../support/reference/model.ts';
import { createRealProject, lockfileDifferences, Meanings } from '../../support/reference/project.ts';
import { createRandom, type Random } from '../../support/random.ts';

// 25 steps each. MLOPS_ROUNDS=200 makes 5,000 steps of them.
const ROUNDS = Number(process.env['MLOPS_ROUNDS'] ?? 6);
const FIRST = Number(process.env['MLOPS_SEED'] ?? 1);
const STEPS = 25;

test.each(Array.from({ length: ROUNDS }, (_, at) => FIRST + at))(
  'repro, its dry run, status and the lockfile are what a plain model says, one stage at a time or four (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const random = createRandom(seed);
    const jobs = seed % 2 === 0 ? 4 : 1;
    const meanings = new Meanings();
    const project = await createRealProject();
    let definitions = somePipeline(random);
    const model: Model = {
      world: new Map(),
      params: Object.fromEntries(PARAMS.map((name) => [name, random.pick(LITERALS)])),
      other: { a: 1 },
      stages: [],
      env: undefined,
      entries: new Map(),
      runs: [],
      cache: new Map(),
    };
    for (const path of ['x', 'y', 'z', 'src/a', 'src/b', 'control/secret'])
      model.world.set(path, { text: '0\n', executable: false });

    for (let step = 0; step < STEPS; step++) {
      for (const name of [...model.world.keys()].filter((path) => /^control\/(?!secret)/.test(path)))
        model.world.delete(name);
      for (let edits = random.pick([0, 1, 1, 2, 3]); edits > 0; edits--) {
        if (random.chance(0.35)) definitions = editPipeline(random, definitions);
        else editWorld(random, model, project.root, jobs);
      }
      model.stages = expand(definitions);
      project.write(model, definitions);
      const asked = someQuestion(random, model, jobs);
      const said = await project.repro(model, { ...asked, dryRun: true });
      const plain = isPlain(asked) ? said : await project.repro(model, { dryRun: true, keepGoing: true });
      const status = await project.status(model);

      const done = await project.repro(model, { ...asked, jobs });
      const order = done.stages.map(({ stage }) => stage);
      const fates = runModel(model, asked, order);
      const plan = new Map(said.stages.map(({ stage, ...fate }) => [stage, fate]));
      expect({
        where: `seed ${seed}, step ${step}, ${JSON.stringify(asked)}`,
        status: sortedFates(status),
        stages: order.toSorted(),
        early: order.filter((name, at) => isEarly(model, name, order.slice(at + 1))),
        fates: sortedFates(new Map(done.stages.map(({ stage, ...fate }) => [stage, fate]))),
        lockfile: lockfileDifferences(await project.open(model), model, meanings),
        world: Object.fromEntries(project.world()),
        surprises: surprises(model, asked, plan, fates),
      }).toEqual({
        where: expect.any(String),
        status: sortedFates(statesOf(plain.stages)),
        stages: [...chosen(model, asked)].toSorted(),
        early: [],
        fates: sortedFates(fates),
        lockfile: [],
        world: Object.fromEntries(model.world),
        surprises: [],
      });
    }
  },
);

function editWorld(random: Random, model: Model, root: string, jobs: number): void {
  const { world } = model;
  const put = (path: string, text: string, executable = false) => world.set(path, { text, executable });
  const edits: readonly (() => unknown)[] = [
    () => put(random.pick(['x', 'y', 'z', 'src/a', 'src/b']), random.pick(['0\n', '1\n', '2\n'])),
    () => put(random.pick(['x', 'src/a']), random.pick(['0\n', '1\n']), random.chance(0.5)),
    () => (world.has('src/c') ? world.delete('src/c') : put('src/c', '0\n')),
    () => world.delete(random.pick(['y', 'z'])),
    () => (model.params[random.pick(PARAMS)] = random.pick(LITERALS)),
    () => (model.params[random.pick(PARAMS)] = random.pick(LITERALS)),
    () =>
      random.chance(0.5)
        ? (model.other['a'] = random.pick([1, 2]))
        : 'b' in model.other
          ? delete model.other['b']
          : (model.other['b'] = 1),
    () => (model.env = random.pick([undefined, '', '1'])),
    () => put('control/secret', random.pick(['0\n', '1\n'])),
    () =>
      withOutput(random, model, (path) =>
        [...world.keys()].filter((file) => file.startsWith(path)).forEach((file) => world.delete(file)),
      ),
    () =>
      withOutput(random, model, (path) =>
        put(path.endsWith('/') ? `${path}x` : path, random.pick(['by hand\n', 'by hand, too\n'])),
      ),
    () => withOutput(random, model, (path) => path.endsWith('/') && put(`${path}more`, 'by hand\n')),
    () => withStage(random, model, (name) => put(`control/fail-${name}`, '')),
    () => withStage(random, model, (name) => put(`control/skip-${name}`, '')),
    () => withStage(random, model, (name) => jobs === 1 && put(`control/touch-${name}`, '')),
    () => withStage(random, model, (name) => jobs === 1 && put(`control/flip-${name}`, '')),
    () => {
      model.runs = [];
      rmSync(join(root, '.mlops', 'run-cache'), { recursive: true, force: true });
    },
    () => {
      if (random.chance(0.5)) return;
      model.cache.clear();
      rmSync(join(root, '.mlops', 'cache'), { recursive: true, force: true });
    },
  ];
  random.pick(edits)();
}

function withOutput(random: Random, { stages }: Model, edit: (path: string) => unknown): void {
  const paths = stages.flatMap(({ outs }) => outs.map(({ path }) => path));
  if (paths.length > 0) edit(random.pick(paths));
}

function withStage(random: Random, { stages }: Model, edit: (name: string) => unknown): void {
  if (stages.length > 0) edit(random.pick(stages).name);
}

function someQuestion(random: Random, model: Model, jobs: number): Asked {
  const rarely = () => random.chance(0.08);
  return {
    targets: random.chance(0.75)
      ? []
      : random.some(
          model.stages.map(({ name }) => name),
          2,
        ),
    force: rarely(),
    single: rarely(),
    downstream: rarely(),
    keepGoing: jobs > 1 || random.chance(0.5),
    ignoreErrors: rarely(),
    forceDownstream: rarely(),
    runCache: !rarely(),
    commit: !rarely(),
  };
}

function isPlain({ targets, ...asked }: Asked): boolean {
  const { keepGoing, runCache, commit, ...rest } = asked;
  return targets.length === 0 && keepGoing && runCache && commit && Object.values(rest).every((flag) => !flag);
}

/** Whether a stage came before one that it waits for. */
function isEarly(model: Model, name: string, after: readonly string[]): boolean {
  const stage = model.stages.find((one) => one.name === name);
  return stage !== undefined && above(model, stage).some((other) => after.includes(other.name));
}

/** What `status` says, from what a dry run says. */
function statesOf(stages: readonly ({ stage: string } & Fate)[]): Map<string, Fate> {
  return new Map(
    stages.map(({ stage, outcome, reasons }) => {
      const settled = outcome === 'up-to-date' || outcome === 'frozen';
      const certain = reasons.length === 0 || reasons.some((reason) => !reason.startsWith('upstream-ran'));
      return [stage, { outcome: settled ? outcome : certain ? 'stale' : 'may-be-stale', reasons }];
    }),
  );
}

function sortedFates(fates: ReadonlyMap<string, Fate>): object {
  return Object.fromEntries(
    [...fates].map(([name, { outcome, reasons }]) => [name, { outcome, reasons: reasons.toSorted() }]).toSorted(),
  );
}

const ALLOWED: Record<string, readonly string[]> = {
  'would-run': ['ran', 'failed'],
  'would-restore': ['restored'],
  'may-run': ['ran', 'restored', 'up-to-date', 'failed'],
};

/** What a dry run said, and the run did otherwise. What a stage does to another one's source, or that it fails, nobody knows before. */
function surprises(
  model: Model,
  asked: Asked,
  said: ReadonlyMap<string, Fate>,
  done: ReadonlyMap<string, Fate>,
): string[] {
  if ([...model.world.keys()].some((path) => path.startsWith('control/touch'))) return [];
  const failed = [...done]
    .filter(([name, { outcome }]) => outcome === 'failed' && said.get(name)?.outcome !== 'failed')
    .map(([name]) => name);
  return [...done].flatMap(([name, { outcome, reasons }]) => {
    const stage = model.stages.find((one) => one.name === name);
    const plan = said.get(name);
    if (stage === undefined || plan === undefined) return [`${name} was not said`];
    const everAbove = chosen(model, { ...asked, targets: [name], single: false, downstream: false });
    if (
      asked.keepGoing || asked.ignoreErrors
        ? failed.some((one) => one !== name && everAbove.has(one))
        : failed.length > 0 && outcome === 'blocked'
    )
      return [];
    const problems: string[] = [];
    if (!(ALLOWED[plan.outcome] ?? [plan.outcome]).includes(outcome))
      problems.push(`${name}: ${plan.outcome} → ${outcome}`);
    const isOpen = above(model, stage).some((other) => /^(would|may)/.test(said.get(other.name)?.outcome ?? ''));
    if (plan.outcome === 'may-run' && !isOpen) problems.push(`${name}: may-run, and nothing above it is open`);
    if (outcome === 'blocked') return problems;
    const expected = plan.reasons.filter((reason) => reasons.includes(reason) || !reason.startsWith('upstream-ran'));
    const told = reasons.filter((reason) => !reason.startsWith('changed-during-run'));
    const missing = expected.filter((reason) => !told.includes(reason));
    const unforeseen = isOpen ? [] : told.filter((reason) => !expected.includes(reason));
    if (missing.length + unforeseen.length > 0)
      problems.push(`${name}: said ${expected.join(', ')}, was ${told.join(', ')}`);
    return problems;
  });
}
