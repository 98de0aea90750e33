/** Makes whole lines of pieces of text. A carriage return ends a line as well: it is how programs draw over one. */
export class LineSplitter {
  readonly #onLine: (text: string) => void;
  #rest = '';
  /** Whether a carriage return came last, which may be the first half of a line's end. */
  #isHalf = false;

  constructor(onLine: (text: string) => void) {
    this.#onLine = onLine;
  }

  add(piece: string): void {
    let text = this.#isHalf ? `\r${piece}` : piece;
    this.#isHalf = text.endsWith('\r');
    if (this.#isHalf) text = text.slice(0, -1);
    const lines = text.split(/\r\n?|\n/);
    lines[0] = this.#rest + (lines[0] ?? '');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }

  /** What came last may have no end of a line. */
  end(): void {
    if (this.#isHalf || this.#rest !== '') this.#onLine(this.#rest);
    this.#isHalf = false;
    this.#rest = '';
  }
}
