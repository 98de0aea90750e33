import type { Terminal } from '../output/terminal.ts';
import type { View } from './view.ts';

/** Each event as it is, one JSON document a line. */
export function jsonLinesView({ note }: Terminal): View {
  return { report: (event) => note(JSON.stringify(event)), close: () => undefined };
}
