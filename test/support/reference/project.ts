import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StaleReason } from '../../../src/core/run.ts';
import { encodeValue, type ValueMap } from '../../../src/core/value.ts';
import { reproduce, type ReproRequest } from '../../../src/features/pipeline/repro.ts';
import { statusOf } from '../../../src/features/pipeline/status.ts';
import { openProject } from '../../../src/project/open.ts';
import type { Project } from '../../../src/project/project.ts';
import { createFolder } from '../sandbox.ts';
import { type Definition, paramsText, pipelineText, PROGRAM } from './definition.ts';
import type { Fate, Model } from './model.ts';
import type { World } from './world.ts';

const OWN = new Set(['.mlops', '.mlops.yaml', '.mlops.lock.yaml', 'program', 'params.yaml', 'other.json']);

/** The tool itself on a folder of its own, in the words of the model. */
export async function createRealProject() {
  const root = await createFolder();
  writeFileSync(join(root, 'program'), PROGRAM);
  let seconds = 0;
  const open = (model: Model): Promise<Project> =>
    openProject(root, {
      env: {
        PATH: process.env['PATH'] ?? '',
        XDG_CONFIG_HOME: '/nowhere',
        ...(model.env === undefined ? {} : { V: model.env }),
      },
      now: () => new Date(1_900_000_000_000 + seconds++ * 1_000),
      report: () => undefined,
      signal: new AbortController().signal,
      waitMilliseconds: 0,
    });
  return {
    root,
    open,
    /** Makes the files on the disk what they are in the model. */
    write(model: Model, definitions: readonly Definition[]): void {
      const present = readWorld(root);
      for (const [path, { text, executable }] of model.world) {
        const there = present.get(path);
        if (there?.text === text && there.executable === executable) continue;
        mkdirSync(dirname(join(root, path)), { recursive: true });
        rmSync(join(root, path), { force: true });
        writeFileSync(join(root, path), text);
        if (executable) chmodSync(join(root, path), 0o755);
      }
      for (const path of present.keys()) if (!model.world.has(path)) removeFile(root, path);
      writeFileSync(join(root, '.mlops.yaml'), pipelineText(definitions));
      writeFileSync(join(root, 'params.yaml'), paramsText(model.params));
      writeFileSync(join(root, 'other.json'), JSON.stringify(model.other));
    },
    async repro(model: Model, request: Partial<ReproRequest>) {
      const { stages, failures } = await reproduce(await open(model), request);
      return {
        stages: stages.map(({ stage, outcome, reasons }) => ({ stage, outcome, reasons: reasons.map(textOf) })),
        failures,
      };
    },
    async status(model: Model): Promise<Map<string, Fate>> {
      const { stages } = await statusOf(await open(model), { targets: [] });
      return new Map(
        stages.map(({ stage, state, reasons }) => [stage, { outcome: state, reasons: reasons.map(textOf) }]),
      );
    },
    world: () => readWorld(root),
  };
}

function textOf(reason: StaleReason): string {
  const { type, ...rest } = reason;
  return [type, ...Object.values(rest)].join(' ');
}

function readWorld(root: string, folder = ''): World {
  const world: World = new Map();
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (OWN.has(path)) continue;
    if (entry.isDirectory()) for (const [file, content] of readWorld(root, path)) world.set(file, content);
    else
      world.set(path, {
        text: readFileSync(join(root, path), 'utf8'),
        executable: (statSync(join(root, path)).mode & 0o100) !== 0,
      });
  }
  return world;
}

/** With the folders that are empty then. */
function removeFile(root: string, path: string): void {
  rmSync(join(root, path), { force: true });
  for (
    let folder = dirname(path);
    folder !== '.' && readdirSync(join(root, folder)).length === 0;
    folder = dirname(folder)
  ) {
    rmSync(join(root, folder), { recursive: true });
  }
}

/** What stands for what: a digest for a content, a typed value for another. Fails when one of a pair is met with another partner. */
export class Meanings {
  readonly #forth = new Map<string, string>();
  readonly #back = new Map<string, string>();

  differs(mark: string, meaning: string): boolean {
    const known = this.#forth.get(mark) ?? meaning;
    const other = this.#back.get(meaning) ?? mark;
    this.#forth.set(mark, known);
    this.#back.set(meaning, other);
    return known !== meaning || other !== mark;
  }
}

/** What the lockfile says otherwise than the model: nothing when they agree. */
export function lockfileDifferences(project: Project, { entries }: Model, meanings: Meanings): string[] {
  const { stages } = project.readLockfile();
  const names = [...new Set([...Object.keys(stages), ...entries.keys()])];
  return names.flatMap((name) => {
    const [locked, entry] = [stages[name], entries.get(name)];
    if (locked === undefined || entry === undefined)
      return [`${name}: ${locked === undefined ? 'only in the model' : 'only in the lockfile'}`];
    const problems: string[] = [];
    const same = (what: string, a: unknown, b: unknown) => {
      if (JSON.stringify(a) !== JSON.stringify(b))
        problems.push(`${name} ${what}: ${JSON.stringify(a)} ≠ ${JSON.stringify(b)}`);
    };
    same('cmd', locked.cmd?.join('\n'), entry.cmd);
    same('env', locked.env, entry.env);
    same('deps', Object.keys(locked.deps).toSorted(), Object.keys(entry.deps).toSorted());
    same('outs', Object.keys(locked.outputs).toSorted(), Object.keys(entry.outs).toSorted());
    same('params', Object.keys(locked.params).toSorted(), Object.keys(entry.params).toSorted());
    for (const [path, { digest, kind, ...rest }] of Object.entries(locked.deps)) {
      const mark = `${kind} ${digest}${'executable' in rest && rest.executable ? ' program' : ''}`;
      if (meanings.differs(mark, entry.deps[path] ?? '')) problems.push(`${name} dependency ${path}`);
    }
    for (const [path, { digest, kind, role, cache, persist, ...rest }] of Object.entries(locked.outputs)) {
      const out = entry.outs[path];
      const mark = `${kind} ${digest}${'executable' in rest && rest.executable ? ' program' : ''}`;
      if (meanings.differs(mark, out?.content ?? '')) problems.push(`${name} output ${path}`);
      same(path, [role, cache, persist], [out?.role, out?.cache, out?.persist]);
    }
    for (const [file, values] of Object.entries(locked.params)) {
      const meaning = Object.entries(entry.params[file] ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
      if (meanings.differs(encodeValue(values as ValueMap), JSON.stringify([file === 'other.json', meaning])))
        problems.push(`${name} params of ${file}`);
    }
    return problems;
  });
}
