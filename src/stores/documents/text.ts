import type { Problem } from '../../core/errors.ts';

/** The text of a file without a byte order mark, or what is wrong with its bytes. */
export function decodeText(content: string | Uint8Array, file: string): { text: string; problem: Problem | null } {
  const problem = (message: string, line: number | null = null) => ({
    text: '',
    problem: { file, line, column: line === null ? null : 1, message },
  });
  let text: string;
  try {
    text = typeof content === 'string' ? content : new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return problem('This file is not UTF-8 text.', lineOfBadByte(content));
  }
  const nul = text.indexOf('\0');
  if (nul >= 0)
    return problem('There is a NUL byte here; this is not a text file.', text.slice(0, nul).split('\n').length);
  return { text: text.replace(/^\uFEFF/, ''), problem: null };
}

function lineOfBadByte(content: string | Uint8Array): number | null {
  if (typeof content === 'string') return null;
  const lines = Buffer.from(content).toString('utf8').split('\n');
  const bad = lines.findIndex((line) => line.includes('\uFFFD'));
  return bad < 0 ? null : bad + 1;
}

/** Where Git left the marks of a merge conflict, as an offset; undefined where there are none. */
export function conflictIn(text: string): number | undefined {
  return /^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)/m.exec(text)?.index;
}
