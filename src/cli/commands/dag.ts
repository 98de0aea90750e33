import { type GraphDrawing, pipelineGraph } from '../../features/pipeline/definition/stage-list.ts';
import type { Command } from '../command.ts';

interface DagOptions {
  readonly mermaid?: boolean;
  readonly dot?: boolean;
  readonly md?: boolean;
}

/** `mlops dag`. */
export const dag: Command<DagOptions, GraphDrawing> = {
  name: 'dag',
  args: '[targets...]',
  options: [
    ['--mermaid', 'as a Mermaid flowchart, which GitHub and GitLab draw'],
    ['--md', 'the same in a code block for a Markdown document'],
    ['--dot', 'in the language of Graphviz'],
  ],
  examples: ['mlops dag', 'mlops dag train', 'mlops dag --md >> README.md', 'mlops dag --dot | dot -Tsvg -o dag.svg'],

  run: async ({ args }, { project }) => pipelineGraph(await project(), args),

  render({ nodes, draw }, _style, { mermaid, dot, md }) {
    if (nodes.length === 0) return 'There are no stages; describe them in .mlops.yaml.';
    if (dot) return draw('dot').trimEnd();
    if (md) return `\`\`\`mermaid\n${draw('mermaid').trimEnd()}\n\`\`\``;
    return draw(mermaid ? 'mermaid' : 'text').trimEnd();
  },
};
