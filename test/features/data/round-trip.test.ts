import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { foldName, nameProblem } from '../../../src/core/entry-name.ts';
import { createProject } from '../../support/open-project.ts';

/** What is at a path: the text of a file, whether it is executable; where a link points; or an empty folder. */
type Thing =
  | { readonly type: 'file'; readonly text: string; readonly executable: boolean }
  | { readonly type: 'link'; readonly target: string }
  | { readonly type: 'folder' };

const NAMES = [
  'a',
  'b',
  'Ä',
  'u\u0308',
  'with space',
  ' leading',
  '-dash',
  'co:lon',
  'new\nline',
  '"quo\'tes"',
  '*?[x]',
  '#',
  '!',
  '$HOME',
  '😀',
  '.dot',
  'x'.repeat(200),
];
const name = fc.oneof(
  fc.constantFrom(...NAMES),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((text) => nameProblem(text) === null && foldName(text) !== ''),
);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const thing: fc.Arbitrary<Thing> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('file' as const), text: fc.string(), executable: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('link' as const), target: fc.constantFrom('a', 'b/c', 'nowhere') }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'folder' as const }) },
);
const folder = fc.dictionary(path, thing, { maxKeys: 12, noNullPrototype: true });

/** Puts the things there that fit beside each other. */
function layOut(root: string, things: Readonly<Record<string, Thing>>): void {
  mkdirSync(root, { recursive: true });
  for (const [at, one] of Object.entries(things)) {
    const target = join(root, at);
    try {
      mkdirSync(dirname(target), { recursive: true });
      if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) continue;
      if (one.type === 'folder') mkdirSync(target);
      else if (one.type === 'link') symlinkSync(one.target, target);
      else writeFileSync(target, one.text, { mode: one.executable ? 0o755 : 0o644 });
    } catch {
      // A file or a link is where a folder would have to be.
    }
  }
}

function read(root: string, at = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(root, at), { withFileTypes: true })) {
    const below = `${at}/${entry.name}`;
    const full = join(root, below);
    if (entry.isDirectory()) Object.assign(found, { [below]: 'folder' }, read(root, below));
    else if (entry.isSymbolicLink()) found[below] = `link ${readlinkSync(full)}`;
    else found[below] = `${lstatSync(full).mode & 0o100 ? 'executable' : 'file'} ${readFileSync(full, 'utf8')}`;
  }
  return found;
}

test('whatever a folder holds, it comes back as it was, from one version to the other and back', async () => {
  await fc.assert(
    fc.asyncProperty(folder, folder, async (first, second) => {
      const project = await createProject();
      const data = project.sandbox.path('data');
      const add = async () => addPaths(await project.open(), { paths: [data], force: false, dryRun: false });
      const checkout = async () =>
        checkoutPaths(await project.open(), { targets: [], force: false, allowMissing: false });
      const versions: { lockfile: string; content: Record<string, string> }[] = [];
      for (const things of [first, second]) {
        rmSync(data, { recursive: true, force: true });
        layOut(data, things);
        await add();
        versions.push({ lockfile: await project.sandbox.read('.mlops.lock.yaml'), content: read(data) });
      }
      for (const at of [0, 1, 0]) {
        await project.sandbox.write({ '.mlops.lock.yaml': versions[at]?.lockfile ?? '' });
        expect(await checkout()).toMatchObject({ kept: [], failed: [] });
        expect(read(data)).toEqual(versions[at]?.content);
        expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged', cached: true }]);
      }
      rmSync(data, { recursive: true });
      await checkout();
      expect(read(data)).toEqual(versions[0]?.content);
      expect((await add()).added).toEqual([]);
      chmodSync(data, 0o755);
    }),
    { numRuns: 25 },
  );
});
