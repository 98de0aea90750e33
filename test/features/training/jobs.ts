import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuiltIn } from '../../../src/core/built-in/index.ts';
import { MlopsError } from '../../../src/core/errors.ts';
import type { Value, ValueMap } from '../../../src/core/value.ts';
import type { JobEvent } from '../../../src/features/training/job-context.ts';
import { runJob } from '../../../src/features/training/job.ts';
import { createFolder } from '../../support/sandbox.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'fixtures');

/** A folder with data in it, in which built-in stages are run in this very process. */
export async function createDesk(files: Record<string, string | Uint8Array> = {}) {
  const root = await createFolder();
  const events: JobEvent[] = [];
  const stop = new AbortController();

  function write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }

  /** A data set of the repository, where the settings below expect it. */
  function lay(name: 'penguins' | 'digits'): void {
    copyFileSync(join(FIXTURES, name, `${name}.csv`), join(root, `${name}.csv`));
  }

  async function run(kind: BuiltIn, settings: ValueMap, replace = true) {
    const tell = (event: JobEvent) => void events.push(event);
    return runJob(kind, settings, { root, replace, tell, signal: stop.signal });
  }

  /** The failure of a job that must fail, as its kind, message and hint. */
  async function failure(kind: BuiltIn, settings: ValueMap, replace = true) {
    const error: unknown = await run(kind, settings, replace).then(
      () => new Error('It did not fail.'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof MlopsError)) throw error;
    return { kind: error.kind, message: error.message, hint: error.hint };
  }

  /** Every file of a folder with the SHA-256 of its bytes. */
  function digests(folder: string): Record<string, string> {
    const names = readdirSync(join(root, folder)).sort();
    return Object.fromEntries(names.map((name) => [name, sha256(readFileSync(join(root, folder, name)))]));
  }

  for (const [path, content] of Object.entries(files)) write(path, content);
  return {
    root,
    events,
    stop: () => stop.abort(),
    write,
    lay,
    run,
    failure,
    digests,
    exists: (path: string) => existsSync(join(root, path)),
    list: (path: string) => readdirSync(join(root, path)).sort(),
    read: (path: string) => readFileSync(join(root, path), 'utf8'),
    json: (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, unknown>,
  };
}

/** Settings that learn the penguins well in half a second. */
export function penguins(more: Record<string, Value> = {}): ValueMap {
  return {
    data: 'penguins.csv',
    target: 'species',
    model: { type: 'mlp', hidden: [16n] },
    fit: {
      epochs: 60n,
      optimizer: { type: 'adam', lr: 0.01 },
      early_stopping: { monitor: 'val_loss', patience: 10n },
    },
    out: 'models/penguins',
    ...more,
  };
}

/** Settings that learn the digits well in three seconds. */
export function digits(more: Record<string, Value> = {}): ValueMap {
  return {
    data: 'digits.csv',
    target: 'digit',
    features: { image: [8n, 8n, 1n], scale: 16n },
    model: 'cnn',
    fit: { epochs: 12n, optimizer: { type: 'adam', lr: 0.003 } },
    out: 'models/digits',
    ...more,
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
