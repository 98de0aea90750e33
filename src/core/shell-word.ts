/** A word as a shell takes it: quoted when it holds anything that a shell would read for more than a letter. */
export function shellWord(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
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
