/** A value as it stands in a params file, what it is equal to, and how JSON has it. */
export interface Literal {
  readonly text: string;
  /** Two literals are the same value when these are. Of a mapping: of each key. */
  readonly same: string | Readonly<Record<string, string>>;
  readonly json: unknown;
}

/** Values of every type, some of them the same one written in two ways. */
export const LITERALS: readonly Literal[] = [
  { text: '1', same: 'integer 1', json: 1 },
  { text: '1.0', same: 'float 1', json: 1 },
  { text: '"1"', same: 'text 1', json: '1' },
  { text: '1.5', same: 'float 1.5', json: 1.5 },
  { text: '1.50', same: 'float 1.5', json: 1.5 },
  { text: 'true', same: 'true', json: true },
  { text: 'null', same: 'null', json: null },
  { text: '[1, 2]', same: 'list 1 2', json: [1, 2] },
  { text: '[1, "2"]', same: 'list 1 text 2', json: [1, '2'] },
  { text: '{ k: 1 }', same: { k: 'integer 1' }, json: { k: 1 } },
  { text: '{ k: 2, l: 1 }', same: { k: 'integer 2', l: 'integer 1' }, json: { k: 2, l: 1 } },
  { text: '12345678901234567890', same: 'integer 12345678901234567890', json: '12345678901234567890' },
  { text: '12345678901234567891', same: 'integer 12345678901234567891', json: '12345678901234567891' },
];

/** Names that a careless key of a run cache would take for its own. */
export const PARAMS = ['size', 'path', 'file', 'hash', 'deep.er'] as const;

/** An output of a stage. One that ends with a slash is a folder. */
export interface Out {
  readonly path: string;
  readonly role: 'outs' | 'metrics' | 'plots';
  readonly cache: boolean;
  readonly persist: boolean;
}

/** A stage, or a group of stages when it has `items`, which stand for `ITEM` in its name, its word and its outputs. */
export interface Definition {
  readonly name: string;
  readonly kind: 'one' | 'foreach' | 'matrix';
  readonly items: readonly string[];
  readonly word: string;
  readonly reads: readonly string[];
  readonly outs: readonly Out[];
  readonly params: readonly string[];
  readonly whole: boolean;
  readonly env: boolean;
  /** Writes its params into its outputs. */
  readonly showsParams: boolean;
  /** Writes what no dependency tells. */
  readonly hasSecret: boolean;
  readonly alwaysChanged: boolean;
  readonly frozen: boolean;
}

/** A definition without groups. */
export type Single = Omit<Definition, 'kind' | 'items'>;

const ITEM = 'ITEM';

/** What the groups stand for. */
export function expand(definitions: readonly Definition[]): Single[] {
  return definitions.flatMap(({ kind, items, ...definition }) => {
    if (kind === 'one') return [definition];
    return items.map((item) => ({
      ...definition,
      name: `${definition.name}@${item}`,
      word: definition.word.replace(ITEM, item),
      outs: definition.outs.map((out) => ({ ...out, path: out.path.replace(ITEM, item) })),
    }));
  });
}

/** The script of a stage: `PROGRAM` is told what to do. */
export function scriptOf(stage: Single): string {
  const flags = `${stage.showsParams ? 'p' : ''}${stage.hasSecret ? 's' : ''}${stage.env ? 'e' : ''}`;
  const outs = stage.outs.map(({ path, persist }) => `${persist ? '+' : ''}${path}`).join(' ');
  return `set -- '${stage.name}' '${stage.word}' '${stage.reads.join(' ')}' '${outs}' '${flags}'; . ./program`;
}

/** Writes into each output what the stage read, and does in `control/` what a test wants of it. */
export const PROGRAM = `
body() {
  echo "$1 $2"
  for read in $3; do
    if test -d "$read"; then
      find "$read" -type f | LC_ALL=C sort | while read -r file; do echo "$file:"; cat "$file"; done
    else
      echo "$read:"; cat "$read"
    fi
  done
  case $5 in *p*) cat "$MLOPS_PARAMS";; esac
  case $5 in *s*) cat control/secret;; esac
  case $5 in *e*) echo "V=\${V-unset}";; esac
}
count=0
for out in $4; do
  count=$((count + 1))
  if test $count = 2 && test -e "control/skip-$1"; then continue; fi
  case $out in
    +*) body "$@" >> "\${out#+}";;
    */) mkdir -p "$out/sub"; body "$@" > "$out/x"; echo "$2" > "$out/sub/y";;
    *) body "$@" > "$out";;
  esac
  test ! -e "control/fail-$1" || exit 3
done
if test -e "control/touch-$1"; then for read in $3; do case $read in [xyz]) echo more >> "$read";; esac; done; fi
if test -e "control/flip-$1"; then for read in $3; do case $read in [xyz]) cp -p "$read" control/copy; echo more >> "$read"; cat control/copy > "$read";; esac; done; fi
test ! -e "control/fail-$1" || exit 3
`;

/** The text of `.mlops.yaml`. */
export function pipelineText(definitions: readonly Definition[]): string {
  const stages = definitions.map((definition) => {
    const { kind, items } = definition;
    if (kind === 'one') return [definition.name, fieldsOf(definition, definition.name)];
    if (kind === 'foreach')
      return [definition.name, { foreach: items, do: fieldsOf(definition, `${definition.name}@\${item}`) }];
    const [rows, columns] = [0, 1].map((at) => [...new Set(items.map((item) => item.split('-')[at] ?? ''))]);
    const exclude = (rows ?? []).flatMap((a) =>
      (columns ?? []).filter((b) => !items.includes(`${a}-${b}`)).map((b) => ({ a, b })),
    );
    const matrix = { a: rows, b: columns, ...(exclude.length > 0 ? { exclude } : {}) };
    return [definition.name, { matrix, ...fieldsOf(definition, `${definition.name}@\${item.a}-\${item.b}`) }];
  });
  return `${JSON.stringify({ stages: Object.fromEntries(stages) }, null, 1)}\n`;
}

function fieldsOf(definition: Definition, name: string): object {
  const item = definition.kind === 'matrix' ? '${item.a}-${item.b}' : '${item}';
  const outs = definition.outs.map((out) => ({ ...out, path: out.path.replace(ITEM, item) }));
  const word = definition.word.replace(ITEM, item);
  const listed = (role: Out['role']) =>
    outs
      .filter((out) => out.role === role)
      .map(({ path, cache, persist }) => ({ [path]: { cache, ...(persist ? { persist } : {}) } }));
  const params = [...definition.params, ...(definition.whole ? [{ 'other.json': null }] : [])];
  return {
    cmd: scriptOf({ ...definition, name, word, outs }),
    deps: definition.reads,
    ...(params.length > 0 ? { params } : {}),
    ...(definition.env ? { env: ['V'] } : {}),
    outs: listed('outs'),
    metrics: listed('metrics'),
    plots: listed('plots'),
    ...(definition.alwaysChanged ? { always_changed: true } : {}),
    ...(definition.frozen ? { frozen: true } : {}),
  };
}

/** The text of `params.yaml`. */
export function paramsText(params: Readonly<Record<string, Literal>>): string {
  return PARAMS.map((name) => {
    const text = params[name]?.text ?? 'null';
    return name === 'deep.er' ? `deep: { er: ${text} }\n` : `${name}: ${text}\n`;
  }).join('');
}
