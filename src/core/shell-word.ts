/** A word as a shell takes it: quoted when it holds anything that a shell would read for more than a letter. */
export function shellWord(text: string): string {
  if (/^[\w./:=@%+-]+$/.test(text)) return text;
  if (!/\p{Cc}/u.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const bytes = (control: string) =>
    [...new TextEncoder().encode(control)].map((byte) => byte.toString(16).padStart(2, '0'));
  const inside = text.replace(/['\\]/g, '\\$&').replace(/\p{Cc}/gu, (one) => {
    return one === '\n'
      ? '\\n'
      : one === '\t'
        ? '\\t'
        : bytes(one)
            .map((byte) => `\\x${byte}`)
            .join('');
  });
  return `$'${inside}'`;
}

/** The words of a command: divided by blanks, those in quotes kept together, and nothing else read into it. Null: a quote is not closed. */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  for (let rest = text.trimStart(); rest !== ''; rest = rest.trimStart()) {
    const word = /^(?:[^\s'"]|'[^']*'|"[^"]*")+(?=\s|$)/.exec(rest)?.[0];
    if (word === undefined) return null;
    words.push(
      word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
    );
    rest = rest.slice(word.length);
  }
  return words;
}
