/** One stage that reads what another wrote, or one output that is made of another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** What is drawn: names, and which follows from which. */
export interface Drawing {
  readonly nodes: readonly string[];
  readonly edges: readonly Edge[];
}

// Beyond this many steps to the right a branch goes on further down, at the left.
const DEEPEST = 12;

/**
 * The graph for a terminal: each name below what it follows from. One that was drawn before is named again with `…`, and one
 * that is drawn further down with `⤵`, so that no line grows long however long a chain is.
 */
export function drawText({ nodes, edges }: Drawing): string {
  const children = new Map<string, string[]>(nodes.map((name) => [name, []]));
  for (const { from, to } of edges) children.get(from)?.push(to);
  const below = new Set(edges.map(({ to }) => to));
  const lines: string[] = [];
  const drawn = new Set<string>();
  const starts = nodes.filter((name) => !below.has(name)).toReversed();
  for (let start = starts.pop(); start !== undefined; start = starts.pop()) {
    if (drawn.has(start)) continue;
    const later: string[] = [];
    const waiting = [{ name: start, lead: '', rest: '', depth: 0 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { name, lead, rest, depth } = next;
      const own = children.get(name) ?? [];
      const again = own.length > 0 && drawn.has(name);
      const isDeep = own.length > 0 && !again && depth === DEEPEST;
      lines.push(`${lead}${onOneLine(name)}${again ? ' …' : isDeep ? ' ⤵' : ''}`);
      if (isDeep) later.push(name);
      if (again || isDeep) continue;
      drawn.add(name);
      const branches = own.map((child, at) => {
        const [arrow, more] = at === own.length - 1 ? ['└─▶ ', '    '] : ['├─▶ ', '│   '];
        return { name: child, lead: `${rest}${arrow}`, rest: `${rest}${more}`, depth: depth + 1 };
      });
      waiting.push(...branches.toReversed());
    }
    starts.push(...later.toReversed());
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The graph as a Mermaid flowchart, which GitHub and GitLab draw in Markdown. */
export function drawMermaid({ nodes, edges }: Drawing): string {
  const ids = new Map(nodes.map((name, at) => [name, `n${at + 1}`]));
  const boxes = nodes.map((name) => `  ${ids.get(name)}["${escapeMermaid(name)}"]`);
  const arrows = edges.map(({ from, to }) => `  ${ids.get(from)} --> ${ids.get(to)}`);
  return ['flowchart TD', ...boxes, ...arrows, ''].join('\n');
}

/** The graph in the language of Graphviz. */
export function drawDot({ nodes, edges }: Drawing): string {
  const boxes = nodes.map((name) => `  ${quoteDot(name)};`);
  const arrows = edges.map(({ from, to }) => `  ${quoteDot(from)} -> ${quoteDot(to)};`);
  return ['digraph pipeline {', ...boxes, ...arrows, '}', ''].join('\n');
}

function onOneLine(name: string): string {
  return /\p{C}/u.test(name) ? JSON.stringify(name) : name;
}

function escapeMermaid(text: string): string {
  return text.replace(/[#"<>&`\\]|\p{Cc}/gu, (character) => `#${character.codePointAt(0)};`);
}

function quoteDot(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
