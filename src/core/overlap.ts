/** The folders above a path, the nearest first, without the root. */
export function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) above.push(path.slice(0, at));
  return above;
}

/** Whether one of two paths is the other, or lies inside it. */
export function overlaps(a: string, b: string): boolean {
  return a === b || a === '.' || b === '.' || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** Whether a pattern matches a path, a folder around it, or may match something inside it. */
export function globReaches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  for (const [at, name] of path.split('/').entries()) {
    const part = wanted[at];
    if (part === undefined || part === '**') return true;
    if (!segmentPattern(part).test(name)) return false;
  }
  return true;
}

/** Whether a pattern matches a whole path (`*`, `**`, `?`, `[…]`, `{a,b}`): for names that are not files. */
export function globMatches(pattern: string, text: string): boolean {
  const parts = pattern.split('/');
  const names = text.split('/');
  const match = (at: number, from: number): boolean => {
    const part = parts[at];
    if (part === undefined) return from === names.length;
    if (part === '**') return match(at + 1, from) || (from < names.length && match(at, from + 1));
    const name = names[from];
    return name !== undefined && segmentPattern(part).test(name) && match(at + 1, from + 1);
  };
  return match(0, 0);
}

function segmentPattern(part: string): RegExp {
  let depth = 0;
  const source = part.replace(/\[!?[^\]]+\]|[\s\S]/g, (text) => {
    if (text.length > 1) return text.replace('[!', '[^').replace(/\\/g, '\\\\');
    if (text === '*') return '.*';
    if (text === '?') return '.';
    if (text === '{') return (depth++, '(?:');
    if (text === '}' && depth > 0) return (depth--, ')');
    if (text === ',' && depth > 0) return '|';
    return text.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${source}${')'.repeat(depth)}$`, 's');
}
