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
  const [, before = text, command] = /^(.*:) ((?:git|mlops|npm|ulimit) .*[^)])$/s.exec(text) ?? [];
  const lines: string[] = [];
  for (const word of before.match(/\s*(?:`[^`]*`|[^\s`]|`)+/g) ?? []) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (widthOf(last + word) > room) lines.push(' '.repeat(indent) + word.trimStart());
    else lines[lines.length - 1] = last + word;
  }
  return [...lines, ...(command === undefined ? [] : [' '.repeat(indent) + command])].join('\n');
}

/** A line of a result: a sentence, or a name and what is said of it. Tables, drawings and commands are as wide as they are. */
export function foldLine(line: string, room: number): string {
  const gaps = [
    ...plainText(line)
      .trimStart()
      .matchAll(/\S {2,}(?=\S)/g),
  ];
  if (widthOf(line) <= room || gaps.length > 1 || WHOLE.test(line)) return line;
  const indent = plainText(line).search(/\S/);
  const [gap] = gaps;
  const hang = gap === undefined ? indent + 2 : indent + gap.index + gap[0].length;
  return foldSentence(line, room, hang <= room / 2 ? hang : indent + 2);
}

const WHOLE = /[|\u2500-\u259f\u2800-\u28ff]|^\s*(?:\$ )?(?:git|mlops|npm) /;

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
