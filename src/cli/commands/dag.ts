import { MlopsError } from '../../core/errors.ts';
import { type GraphDrawing, pipelineGraph } from '../../features/pipeline/definition/stage-list.ts';
import type { Command } from '../command.ts';

interface DagOptions {
  readonly mermaid?: boolean;
  readonly dot?: boolean;
  readonly md?: boolean;
  readonly outs?: boolean;
}

/** `mlops dag`. */
export const dag: Command<DagOptions, GraphDrawing> = {
  name: 'dag',
  description:
    'Each stage below what it reads. In the terminal, … stands behind what is drawn above, and ⤵ behind what goes on below.',
  args: '[targets...]',
  options: [
    ['--mermaid', 'as a Mermaid flowchart, which GitHub and GitLab draw'],
    ['--md', 'the same in a code block for a Markdown document'],
    ['--dot', 'in the language of Graphviz'],
    ['--outs', 'what stages write, in place of the stages'],
  ],
  examples: ['mlops dag', 'mlops dag train', 'mlops dag --md >> README.md', 'mlops dag --dot | dot -Tsvg -o dag.svg'],

  async run({ args: targets, options: { mermaid, md, dot, outs = false } }, { project }) {
    if (dot === true && (md === true || mermaid === true)) {
      throw new MlopsError('usage', 'Name one form: --dot, or --mermaid and --md.');
    }
    return pipelineGraph(await project(), { targets, outs });
  },

  render({ nodes, draw }, _style, { mermaid, dot, md, outs }) {
    if (nodes.length === 0 && outs === true) return 'No stage writes anything.';
    if (nodes.length === 0) return 'There are no stages; describe them in .mlops.yaml.';
    if (dot) return draw('dot').trimEnd();
    if (md) return `\`\`\`mermaid\n${draw('mermaid').trimEnd()}\n\`\`\``;
    return draw(mermaid ? 'mermaid' : 'text').trimEnd();
  },
};
