import type { Graph } from './graph.ts';

/** The graph for a terminal: each stage below what it reads; one that was drawn before is named again, not repeated. */
export function drawText(graph: Graph, names: readonly string[]): string {
  const { children, roots } = within(graph, names);
  const lines: string[] = [];
  const drawn = new Set<string>();
  // A list of our own instead of recursion: a pipeline may be a chain of thousands.
  const waiting = roots.map((name) => ({ name, lead: '', rest: '' })).toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { name, lead, rest } = next;
    const below = children.get(name) ?? [];
    const again = drawn.has(name) && below.length > 0;
    lines.push(`${lead}${name}${again ? ' …' : ''}`);
    if (again) continue;
    drawn.add(name);
    const branches = below.map((child, at) => {
      const last = at === below.length - 1;
      return { name: child, lead: `${rest}${last ? '└─▶ ' : '├─▶ '}`, rest: `${rest}${last ? '    ' : '│   '}` };
    });
    waiting.push(...branches.toReversed());
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The graph as a Mermaid flowchart, which GitHub and GitLab draw in Markdown. */
export function drawMermaid(graph: Graph, names: readonly string[]): string {
  const ids = new Map(names.map((name, at) => [name, `n${at + 1}`]));
  const nodes = names.map((name) => `  ${ids.get(name)}["${escapeMermaid(name)}"]`);
  const edges = edgesOf(graph, names).map(({ from, to }) => `  ${ids.get(from)} --> ${ids.get(to)}`);
  return ['flowchart TD', ...nodes, ...edges, ''].join('\n');
}

/** The graph in the language of Graphviz. */
export function drawDot(graph: Graph, names: readonly string[]): string {
  const nodes = names.map((name) => `  ${quoteDot(name)};`);
  const edges = edgesOf(graph, names).map(({ from, to }) => `  ${quoteDot(from)} -> ${quoteDot(to)};`);
  return ['digraph pipeline {', ...nodes, ...edges, '}', ''].join('\n');
}

/** One stage that reads what another wrote. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** The edges among some stages, in the order of the file. */
export function edgesOf(graph: Graph, names: readonly string[]): Edge[] {
  const chosen = new Set(names);
  return names.flatMap((to) =>
    (graph.upstream.get(to) ?? []).filter((from) => chosen.has(from)).map((from) => ({ from, to })),
  );
}

function within(graph: Graph, names: readonly string[]) {
  const children = new Map<string, string[]>(names.map((name) => [name, []]));
  const below = new Set<string>();
  for (const { from, to } of edgesOf(graph, names)) {
    children.get(from)?.push(to);
    below.add(to);
  }
  return { children, roots: names.filter((name) => !below.has(name)) };
}

function escapeMermaid(text: string): string {
  return text.replace(/[#"<>&]/g, (character) => `#${character.codePointAt(0)};`);
}

function quoteDot(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
