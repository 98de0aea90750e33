/** A word as a shell takes it: quoted when it holds anything that a shell would read for more than a letter. */
export function shellWord(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
