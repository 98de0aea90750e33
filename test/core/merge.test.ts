import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LockedData, Lockfile } from '../../src/core/lockfile.ts';
import { entriesOf, mergeLockfiles } from '../../src/core/merge.ts';
import { encodeMerged, entryText, parseSide, splitConflict } from '../../src/stores/documents/conflicted-lockfile.ts';
import { encodeLockfile } from '../../src/stores/documents/lockfile.ts';
import { digestOf } from '../../src/system/hash.ts';

const file = (content: string): LockedData => ({
  kind: 'file',
  digest: digestOf(content),
  size: content.length,
  executable: false,
});

function lockfile(data: Record<string, string>, stages: Record<string, string> = {}): Lockfile {
  return {
    data: Object.fromEntries(Object.entries(data).map(([path, content]) => [path, file(content)])),
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, cmd]) => [
        name,
        {
          ...{ cmd: [cmd], shell: null, wdir: '.', deps: {}, params: {}, env: {}, settings: null },
          outputs: { [`out/${name}`]: { ...file(cmd), role: 'outs', cache: true, persist: false } },
        },
      ]),
    ),
  };
}

const merge = (base: Lockfile | null, ours: Lockfile, theirs: Lockfile) =>
  mergeLockfiles({ base, ours, theirs }, (a, b) => entryText(a) === entryText(b));
const namesOf = (merged: ReturnType<typeof merge>) => merged.conflicts.map(({ kind, name }) => `${kind} ${name}`);

test('what one side changed, added or removed is taken; what both did alike is one change', () => {
  const base = lockfile({ kept: '1', mine: '1', yours: '1', gone: '1', both: '1' }, { a: 'x', b: 'x' });
  const ours = lockfile({ kept: '1', mine: '2', yours: '1', both: '2', new1: '1' }, { a: 'y', b: 'x' });
  const theirs = lockfile({ kept: '1', mine: '1', yours: '3', gone: '1', both: '2', new2: '1' }, { a: 'x', b: 'z' });
  const merged = merge(base, ours, theirs);
  expect(namesOf(merged)).toEqual([]);
  expect(merged.lockfile).toEqual(
    lockfile({ kept: '1', mine: '2', yours: '3', both: '2', new1: '1', new2: '1' }, { a: 'y', b: 'z' }),
  );
});

test('what both changed differently, or one changed and the other removed, is asked', () => {
  const base = lockfile({ a: '1', b: '1' }, { s: 'x' });
  expect(namesOf(merge(base, lockfile({ a: '2' }, { s: 'y' }), lockfile({ a: '3', b: '2' }, { s: 'z' })))).toEqual([
    'data a',
    'data b',
    'stage s',
  ]);
  // Without a base, what only one side has was added there.
  expect(namesOf(merge(null, lockfile({ a: '2' }), lockfile({ a: '3', b: '2' })))).toEqual(['data a']);
});

test('two entries of one path, each from another side, are asked together', () => {
  const none = lockfile({});
  expect(namesOf(merge(none, lockfile({ d: '1' }), lockfile({ 'd/x.csv': '1' })))).toEqual(['data d', 'data d/x.csv']);
  expect(namesOf(merge(none, lockfile({ 'out/s': '1' }), lockfile({}, { s: 'x' })))).toEqual(['data out/s', 'stage s']);
  expect(namesOf(merge(none, lockfile({ D: '1' }), lockfile({ 'd/x.csv': '1' })))).toEqual(['data D', 'data d/x.csv']);
});

const content = fc.constantFrom('1', '2', '3');
// No lockfile has a path inside another; two of them together may.
const some = fc
  .record({
    data: fc
      .dictionary(fc.constantFrom('a', 'b', 'c/d', 'c', 'e-f', 'Z z'), content, { maxKeys: 5 })
      .filter((data) => !('c' in data && 'c/d' in data)),
    stages: fc.dictionary(fc.constantFrom('s', 't', 'm:t@1'), content, { maxKeys: 3 }),
  })
  .map(({ data, stages }) => lockfile(data, stages));

test('whatever is merged, the marks hold both sides whole, and nothing that nobody wrote comes out', () => {
  fc.assert(
    fc.property(some, some, some, (base, ours, theirs) => {
      const merged = merge(base, ours, theirs);
      const texts = splitConflict(encodeMerged(merged), 'x');
      expect(texts.hasMarks).toBe(merged.conflicts.length > 0);
      for (const side of ['ours', 'theirs'] as const) {
        const entries = entriesOf(parseSide(texts[side], 'x'));
        for (const one of merged.conflicts) {
          const wanted = one[side];
          const found = entries.get(`${one.kind} ${one.name}`);
          expect(found && entryText(found)).toBe(wanted === null ? undefined : entryText(wanted));
        }
      }
      const written = new Set([base, ours, theirs].flatMap((each) => [...entriesOf(each).values()].map(entryText)));
      for (const entry of entriesOf(merged.lockfile).values()) expect(written.has(entryText(entry))).toBe(true);
      // It is the same from the other side, and a merge with what did not change is the other side.
      expect(namesOf(merge(base, theirs, ours)).toSorted()).toEqual(namesOf(merged).toSorted());
      expect(encodeMerged(merge(base, base, theirs))).toBe(encodeLockfile(theirs));
    }),
    { numRuns: Number(process.env['MLOPS_ROUNDS'] ?? 100) },
  );
});
