import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import fastGlob from 'fast-glob';
import { expect, test } from 'vitest';

/** From the top floor down. A file may import from its own floor and from those below it. */
const FLOORS = ['main', 'cli', 'features', 'project', 'stores', 'system', 'core'];

/** Which feature may use which. Those not named here stand alone. */
const FEATURE_USES: Record<string, readonly string[]> = {
  pipeline: ['data', 'metrics', 'training'],
  imports: ['data'],
  ci: ['data', 'metrics', 'pipeline'],
  doctor: ['remotes', 'training'],
};

/** The only file, or folder, that may import each package. */
const DOORS: Record<string, string> = {
  commander: 'src/cli/',
  chalk: 'src/cli/output/style.ts',
  ora: 'src/cli/progress/spinner.ts',
  'simple-git': 'src/stores/git/',
  'fast-glob': 'src/system/list-files.ts',
  ignore: 'src/system/',
  '@napi-rs/blake-hash': 'src/system/hash.ts',
  'hash-wasm': 'src/system/hash.ts',
  '@aws-sdk/client-s3': 'src/stores/remotes/s3',
  '@smithy/node-http-handler': 'src/stores/remotes/s3',
  hpagent: 'src/stores/remotes/s3-network.ts',
  'better-sqlite3': 'src/stores/runs/',
  yaml: 'src/stores/documents/',
  'smol-toml': 'src/stores/documents/',
  vega: 'src/system/vega.ts',
  'vega-lite': 'src/system/vega.ts',
  '@tensorflow/tfjs-core': 'src/system/tfjs/',
  '@tensorflow/tfjs-layers': 'src/system/tfjs/',
  '@tensorflow/tfjs-backend-cpu': 'src/system/tfjs/',
  '@tensorflow/tfjs-backend-wasm': 'src/system/tfjs/',
  '@tensorflow/tfjs-node': 'src/system/tfjs/',
};

/** The stores do not know each other; `project` binds them. */
const STORES = ['cache', 'index', 'remotes', 'git', 'documents', 'runs'];

interface Import {
  readonly from: string;
  readonly to: string;
}

const IMPORT = /\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

const sources = new Map<string, string>();
for (const file of await fastGlob('src/**/*.ts')) sources.set(file, await readFile(file, 'utf8'));

const imports = [...sources].flatMap(([from, source]) =>
  [...source.matchAll(IMPORT)].map(([, ...groups]) => {
    const specifier = groups.join('');
    return { from, to: specifier.startsWith('.') ? join(dirname(from), specifier) : specifier };
  }),
);
const inside = imports.filter(({ to }) => to.startsWith('src/'));
const floorOf = (path: string) => FLOORS.indexOf(path.split(/[/.]/)[1] ?? '');
const featureOf = (path: string) => path.match(/^src\/features\/([^/]+)\//)?.[1];
const storeOf = (path: string) => path.match(/^src\/stores\/([^/]+)\//)?.[1];
const show = ({ from, to }: Import) => `${from} -> ${to}`;

test('every file stands on a floor', () => {
  expect([...sources.keys()].filter((file) => floorOf(file) < 0)).toEqual([]);
});

test('imports run down the floors', () => {
  expect(inside.filter(({ from, to }) => floorOf(to) < floorOf(from)).map(show)).toEqual([]);
});

test('features use each other only as agreed', () => {
  const strays = inside.filter(({ from, to }) => {
    const [user, used] = [featureOf(from), featureOf(to)];
    return user && used && user !== used && !FEATURE_USES[user]?.includes(used);
  });
  expect(strays.map(show)).toEqual([]);
});

test('stores do not know each other', () => {
  const strays = inside.filter(({ from, to }) => {
    const [user, used] = [storeOf(from), storeOf(to)];
    return user && used && user !== used && STORES.includes(used);
  });
  expect(strays.map(show)).toEqual([]);
});

test('no import runs in a circle', () => {
  expect(findCircle(inside)).toEqual([]);
});

test('each package has one door', () => {
  const packages = imports.filter(({ to }) => !to.startsWith('src/') && !to.startsWith('node:'));
  expect(packages.filter(({ from, to }) => !from.startsWith(DOORS[to] ?? 'nowhere')).map(show)).toEqual([]);
});

test('nothing below the command line writes to the terminal or reads the process', () => {
  // The hosts are processes of their own: they speak to their parent over `process`.
  const strays = [...sources].filter(
    ([file, source]) =>
      !file.startsWith('src/features/training/host') &&
      file !== 'src/system/process/host.ts' &&
      /\bconsole\.|(?<!-)\bprocess\.(?!platform\b|pid\b|versions?\b|arch\b|getuid\b|release\b|execPath\b|kill\b|memoryUsage\b|umask\b|hrtime\b)[a-z]/.test(
        withoutComments(source),
      ),
  );
  expect(strays.map(([file]) => file)).toEqual([]);
});

test('no file grows beyond 200 lines', () => {
  const long = [...sources].map(([file, source]) => ({ file, lines: source.split('\n').length - 1 }));
  expect(long.filter(({ lines }) => lines > 200)).toEqual([]);
});

test('every export says in a sentence what it means', () => {
  const silent = [...sources].flatMap(([file, source]) => {
    const lines = source.split('\n');
    return lines.flatMap((line, at) =>
      /^export (async )?(abstract )?(function\*?|const|class|interface|type) /.test(line) &&
      !/\*\/\s*$/.test(lines[at - 1] ?? '')
        ? [`${file}:${at + 1} ${line}`]
        : [],
    );
  });
  expect(silent).toEqual([]);
});

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

/** The files of one circle, in order; empty if there is none. */
function findCircle(edges: readonly Import[]): string[] {
  const importsOf = new Map<string, string[]>();
  for (const { from, to } of edges) importsOf.set(from, [...(importsOf.get(from) ?? []), to]);
  const done = new Set<string>();

  function walk(file: string, path: string[]): string[] {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const to of importsOf.get(file) ?? []) {
      const circle = walk(to, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  }

  for (const { from } of edges) {
    const circle = walk(from, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
