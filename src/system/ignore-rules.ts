/** One line of an ignore file. */
export interface IgnoreRule {
  /** The line as written. */
  readonly text: string;
  /** Counts from 1. */
  readonly line: number;
  readonly pattern: RegExp;
  /** `!`: what was ignored by an earlier rule no longer is. */
  readonly negated: boolean;
  /** A slash at the end: folders only. */
  readonly foldersOnly: boolean;
}

/**
 * The rules that hold in one folder: those of its own ignore file, and those of the folders above. As in Git, the last rule
 * that matches decides, and what lies in an ignored folder cannot be brought back.
 */
export class IgnoreRules {
  /** From the outermost folder in; `base` is the path from that folder to this one, with a slash at its end. */
  readonly #layers: readonly { readonly rules: readonly IgnoreRule[]; readonly base: string }[];

  private constructor(layers: readonly { readonly rules: readonly IgnoreRule[]; readonly base: string }[]) {
    this.#layers = layers;
  }

  static readonly NONE = new IgnoreRules([]);

  /** The rules in a folder of this one, given the text of its own ignore file. */
  inside(name: string, text: string | undefined): IgnoreRules {
    const above = this.#layers.map(({ rules, base }) => ({ rules, base: `${base}${name}/` }));
    return new IgnoreRules(above).withOwn(text);
  }

  /** The same folder with the rules of its own ignore file. */
  withOwn(text: string | undefined): IgnoreRules {
    const rules = text === undefined ? [] : parseIgnoreFile(text);
    return rules.length === 0 ? this : new IgnoreRules([...this.#layers, { rules, base: '' }]);
  }

  /** Equal for equal rules in equal places, and only for those. */
  get key(): string {
    if (this.#layers.length === 0) return '';
    return JSON.stringify(this.#layers.map(({ rules, base }) => [base, ...rules.map(({ text }) => text)]));
  }

  /** The rule that takes a name in this folder out of sight, or undefined. */
  ruleFor(name: string, isFolder: boolean): IgnoreRule | undefined {
    for (let layer = this.#layers.length - 1; layer >= 0; layer--) {
      const { rules, base } = this.#layers[layer] ?? { rules: [], base: '' };
      const path = base + name;
      for (let at = rules.length - 1; at >= 0; at--) {
        const rule = rules[at];
        if (rule === undefined || (rule.foldersOnly && !isFolder) || !rule.pattern.test(path)) continue;
        return rule.negated ? undefined : rule;
      }
    }
    return undefined;
  }
}

/** The rules of an ignore file, in the syntax of `.gitignore`. */
export function parseIgnoreFile(text: string): IgnoreRule[] {
  const rules: IgnoreRule[] = [];
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const trimmed = line.replace(/(?<!\\)((?:\\\\)*) +$/, '$1');
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const negated = trimmed.startsWith('!');
    const body = negated ? trimmed.slice(1) : trimmed;
    const foldersOnly = body.endsWith('/');
    const path = foldersOnly ? body.slice(0, -1) : body;
    if (path !== '') rules.push({ text: trimmed, line: at + 1, pattern: compile(path), negated, foldersOnly });
  }
  return rules;
}

/** Whether a text reads as a pattern for `patternOf`. */
export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text);
}

/** What a pattern with `*`, `**`, `?` and `[…]` matches: whole paths, from their beginning. */
export function patternOf(glob: string): RegExp {
  return compile(`/${glob}`);
}

function compile(glob: string): RegExp {
  // A slash anywhere but at the end ties the pattern to its folder; without one it matches at any depth.
  const anchored = glob.includes('/');
  let source = anchored ? '^' : '^(?:.*/)?';
  const text = glob.startsWith('/') ? glob.slice(1) : glob;
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const atStart = at === 0 || text[at - 1] === '/';
    const [token] = /^(?:\*\*\/|\*\*$|\*+|\\.|\[!?\]?[^\]]*\]|.)/su.exec(rest) ?? [rest];
    at += token.length;
    if (token === '**/' && atStart) source += '(?:.*/)?';
    else if (token === '**' && atStart) source += '.+';
    else if (token.startsWith('*')) source += token.endsWith('/') ? '[^/]*/' : '[^/]*';
    else if (token === '?') source += '[^/]';
    else if (token.length > 2 && token.startsWith('[')) source += charactersOf(token);
    else source += escape(token.length > 1 && token.startsWith('\\') ? token.slice(1) : token);
  }
  try {
    return new RegExp(`${source}$`, 'su');
  } catch {
    // A range that makes no sense (`[z-a]`) matches nothing, as in Git.
    return /(?!)/;
  }
}

function charactersOf(token: string): string {
  const negated = token[1] === '!' || token[1] === '^';
  const inner = token.slice(negated ? 2 : 1, -1).replace(/\\(.)|[\\[\]^&~|]/gsu, (found, escaped?: string) => {
    return `\\u{${(escaped ?? found).codePointAt(0)?.toString(16)}}`;
  });
  return `(?!/)[${negated ? '^' : ''}${inner}]`;
}

function escape(text: string): string {
  return text.replace(/[\\^$.|+()[\]{}*?/]/g, '\\$&');
}
