// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001b\[[\d;]*m/g;

/** A text without its colours. */
export function plainText(text: string): string {
  return text.replace(COLOUR, '');
}

/** How many characters of a line a text takes. */
export function widthOf(text: string): number {
  return [...plainText(text)].length;
}

/**
 * A sentence on as many lines as it needs, broken between words; later lines are set in. What stands between backticks stays
 * together, and a command at the end gets a line of its own, whole, so that it can be copied.
 */
export function foldSentence(text: string, room: number, indent: number): string {
  if (widthOf(text) <= room) return text;
  const [, before, command] = /^(.*:) ((?:git|mlops|npm|ulimit) .*)$/s.exec(text) ?? [undefined, text, ''];
  const lines: string[] = [];
  for (const word of (before ?? '').match(/^\s+|(?:`[^`]*`|[^\s`]|`)+/g) ?? []) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (widthOf(last) + 1 + widthOf(word) > room) lines.push(' '.repeat(indent) + word);
    else lines[lines.length - 1] = /^\s*$/.test(last) ? last + word : `${last} ${word}`;
  }
  return [...lines, ...(command === '' ? [] : [' '.repeat(indent) + command])].join('\n');
}

/** A cell of a table on lines of so many characters: broken between words, behind slashes, or where it must be. */
export function foldCell(text: string, room: number): string[] {
  if (widthOf(text) <= room) return [text];
  // Colours that begin on one line would go on in the next column.
  const pieces = plainText(text).match(/[^\s/]*\/|\S+\s*|\s+/g) ?? [];
  const lines = [''];
  for (const piece of pieces) {
    if (widthOf(lines.at(-1) + piece.trimEnd()) > room && lines.at(-1) !== '') lines.push('');
    for (const character of piece) {
      if (widthOf(lines.at(-1) + character.trimEnd()) > room) lines.push('');
      lines[lines.length - 1] += character;
    }
  }
  return lines.map((line) => line.trimEnd());
}
