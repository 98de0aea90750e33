/** What a document looks like: names of fields with the kinds of their values, and of lists their first item. */
export type Shape = string | null | readonly Shape[] | { readonly [name: string]: Shape };

/** The shape of a document, to be compared with that of the contract. */
export function shapeOf(value: unknown): Shape {
  if (value === null) return null;
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shapeOf(item)]));
}
