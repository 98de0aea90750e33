import { isList, isMap, type Value } from '../value.ts';
import type { MapReader } from './map-reader.ts';

/** How one column enters the model. */
export type ColumnSettings = {
  readonly name: string;
  readonly type: 'auto' | 'number' | 'category';
  /** Of numbers: z-scores of the training rows, or as they are. */
  readonly scale: 'zscore' | 'none';
};

/** The columns that the model sees: of a table, or the pixels of an image, row by row, channels last. */
export type FeatureSettings =
  /** No columns named (null): all but the target, types inferred. */
  | { readonly type: 'table'; readonly columns: readonly ColumnSettings[] | null }
  | {
      readonly type: 'image';
      /** Height, width, channels. */
      readonly image: readonly [bigint, bigint, bigint];
      /** The pixel columns in order; null: all but the target. */
      readonly columns: readonly string[] | null;
      /** What pixels are divided by, so that they end up between 0 and 1. */
      readonly scale: number;
    };

/** Reads `features`: absent, a list of columns, or `{ image: [h, w, c], scale }`. */
export function readFeatures(parent: MapReader): FeatureSettings {
  const raw = parent.raw('features');
  if (raw === undefined || raw === null) return { type: 'table', columns: null };
  if (isList(raw)) return { type: 'table', columns: readColumns(parent, raw) };
  if (isMap(raw) && !('image' in raw) && ('columns' in raw || raw['type'] === 'table')) return readTable(parent);
  return readImage(parent);
}

function readImage(parent: MapReader): FeatureSettings {
  const reader = parent.map('features');
  reader.choice('type', ['image'], 'image');
  const sides = reader.integers('image', { fallback: [], min: 1n });
  const [height, width, channels = 1n] = sides;
  const columns = reader.texts('columns');
  const scale = reader.number('scale', { fallback: 255, above: 0 });
  reader.end();
  if (height !== undefined && width !== undefined && sides.length <= 3) {
    return { type: 'image', image: [height, width, channels], columns, scale };
  }
  reader.problem('image', '"image" has to be [height, width, channels].');
  return { type: 'image', image: [1n, 1n, 1n], columns, scale };
}

/** The form in which settings come back: `{ type: table, columns }`. */
function readTable(parent: MapReader): FeatureSettings {
  const reader = parent.map('features');
  reader.choice('type', ['table'], 'table');
  const columns = reader.raw('columns');
  reader.end();
  return { type: 'table', columns: isList(columns) ? readColumns(parent, columns) : null };
}

function readColumns(parent: MapReader, list: readonly Value[]): readonly ColumnSettings[] {
  const columns: ColumnSettings[] = [];
  const items = parent.items(
    'features',
    list.map((item) => (typeof item === 'string' ? { name: item } : item)),
  );
  for (const reader of items) {
    const names = reader.texts('name') ?? [];
    if (names.length === 0) reader.problem('name', '"name" has to be a column, or a list of columns.');
    const type = reader.choice('type', ['auto', 'number', 'category'], 'auto');
    const scale = reader.choice('scale', ['zscore', 'none'], 'zscore');
    reader.end();
    for (const name of names) {
      if (columns.some((column) => column.name === name))
        reader.problem('name', `The column "${name}" is named twice.`);
      columns.push({ name, type, scale });
    }
  }
  return columns;
}
