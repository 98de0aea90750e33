import type { Completable } from './completable.ts';

/** A completion function for zsh, to be found in `fpath` as `_mlops`. */
export function zshScript(commands: readonly Completable[]): string {
  const firsts = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = name, second] = name.split(' ');
    firsts.set(first, second === undefined ? summary : [firsts.get(first), second].filter(Boolean).join(', '));
  }
  const groups = new Set(commands.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' ')[0] ?? ''));
  return [
    '#compdef mlops',
    '# mlops completion for zsh',
    '_mlops() {',
    '  local command="" word i',
    '  for ((i = 2; i < CURRENT; i++)); do',
    '    word="${words[i]}"',
    '    case "$word" in -C|--cd|--color|--wait) ((i++)) ;; -*) ;; *) command="${command:+$command }$word" ;; esac',
    '  done',
    '  local -a choices',
    '  case "$command" in',
    `    "") choices=(${[...firsts].map(([name, text]) => choice(name, text)).join(' ')}); _describe command choices; return ;;`,
    ...[...groups].map((group) => {
      const inner = commands.filter(({ name }) => name.startsWith(`${group} `));
      const choices = inner.map(({ name, summary }) => choice(name.split(' ')[1] ?? '', summary)).join(' ');
      return `    "${group}") choices=(${choices}); _describe command choices; return ;;`;
    }),
    ...commands.map(
      ({ name, flags }) =>
        `    "${name}"|"${name} "*) choices=(${flags.map(([flag, help]) => choice(flag, help)).join(' ')}) ;;`,
    ),
    '  esac',
    '  [[ "${words[CURRENT]}" == -* ]] && _describe option choices || _files',
    '}',
    '_mlops "$@"',
  ].join('\n');
}

/** `'name:what it does'`, quoted for the shell; colons within are escaped for `_describe`. */
function choice(name: string, text: string): string {
  return `'${name}:${text.replaceAll('\\', '').replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
}
