/** Files by path: their text, and whether they are programs. */
export type World = Map<string, { readonly text: string; readonly executable: boolean }>;

/** What is at a path, as a text that is the same for the same content; null when nothing is. A pattern is what it matches, in its folders. */
export function contentAt(world: World, path: string): string | null {
  const clean = path.replace(/\/$/, '');
  if (clean.includes('*')) return contentOfFolder(world, (file) => matches(clean, file), '');
  const file = world.get(clean);
  if (file !== undefined) return `${file.executable ? 'program' : 'file'} ${JSON.stringify(file.text)}`;
  return contentOfFolder(world, (other) => other.startsWith(`${clean}/`), `${clean}/`);
}

function contentOfFolder(world: World, belongs: (file: string) => boolean, prefix: string): string | null {
  const names = [...world.keys()].filter(belongs).toSorted();
  if (names.length === 0) return null;
  const tops = [...new Set(names.map((name) => name.slice(prefix.length).split('/')[0] ?? ''))];
  const entries = tops.map((top) => {
    const at = `${prefix}${top}`;
    const file = world.get(at);
    const content =
      file && belongs(at)
        ? contentAt(world, at)
        : contentOfFolder(world, (name) => belongs(name) && name.startsWith(`${at}/`), `${at}/`);
    return [top, content];
  });
  return `folder ${JSON.stringify(entries)}`;
}

/** `src/*`: one star stands for a name. */
export function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('/');
  const names = path.split('/');
  return parts.length === names.length && parts.every((part, at) => part === '*' || part === names[at]);
}

/** The files at or below a path. */
export function filesAt(world: World, path: string): [string, { text: string; executable: boolean }][] {
  const clean = path.replace(/\/$/, '');
  return [...world].filter(([file]) =>
    clean.includes('*') ? matches(clean, file) : file === clean || file.startsWith(`${clean}/`),
  );
}

/** Makes what is at a path in one world what it is in another. */
export function copyAt(from: World, to: World, path: string): void {
  for (const [file] of filesAt(to, path)) to.delete(file);
  for (const [file, content] of filesAt(from, path)) to.set(file, content);
}

/** Whether one path is the other or lies in it; a pattern reaches what it may match, and into it. */
export function touches(a: string, b: string): boolean {
  const [x, y] = [a, b].map((path) => path.replace(/\/$/, '').split('/'));
  if (x === undefined || y === undefined) return false;
  const length = Math.min(x.length, y.length);
  return x.slice(0, length).every((name, at) => name === y[at] || name === '*' || y[at] === '*');
}
