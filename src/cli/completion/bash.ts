import type { Completable } from './completable.ts';

/** A completion function for bash 3.2 and newer. */
export function bashScript(commands: readonly Completable[]): string {
  const firsts = [...new Set(commands.map(({ name }) => name.split(' ')[0]))];
  const groups = firsts.filter((first) => commands.some(({ name }) => name.startsWith(`${first} `)));
  const seconds = (group?: string) =>
    commands.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) => name.split(' ')[1]);
  return [
    '# mlops completion for bash',
    '_mlops() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" command="" words="" word i',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    word="${COMP_WORDS[i]}"',
    '    case "$word" in -C|--cd|--color|--wait) ((i++)) ;; -*) ;; *) command="${command:+$command }$word" ;; esac',
    '  done',
    '  case "$command" in',
    `    "") words="${firsts.join(' ')}" ;;`,
    ...groups.map((group) => `    "${group}") words="${seconds(group).join(' ')}" ;;`),
    ...commands.map(
      ({ name, flags }) =>
        `    "${name}"|"${name} "*) [[ "$current" == -* ]] && words="${flags.map(([flag]) => flag).join(' ')}" ;;`,
    ),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _mlops mlops',
  ].join('\n');
}
