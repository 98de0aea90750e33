import { splitWords } from '../../core/shell-word.ts';
import type { Decoder } from './decode.ts';
import type { YamlField } from './yaml-node.ts';

/** The shell of a stage with its flags, as it is written; blanks in a path stand in quotes. */
export function decodeShell(field: YamlField | undefined, decoder: Decoder): string | null {
  const text = decoder.text(field);
  if (field === undefined || text === undefined) return null;
  const words = splitWords(text);
  if (words === null) decoder.problem(field.value.at, 'A quote in "shell" is not closed.');
  else if (words.length === 0) decoder.problem(field.value.at, '"shell" names no program.');
  return text;
}
