import type { Completable } from './completable.ts';

/** Completions for fish. */
export function fishScript(commands: readonly Completable[]): string {
  const groups = [
    ...new Set(commands.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' ')[0] ?? '')),
  ];
  const plain = commands.filter(({ name }) => !name.includes(' '));
  const isFirst = `not __fish_seen_subcommand_from ${[...groups, ...plain.map(({ name }) => name)].join(' ')}`;
  return [
    '# mlops completion for fish',
    ...plain.map(({ name, summary }) => `complete -c mlops -f -n '${isFirst}' -a ${name} -d ${fishWord(summary)}`),
    ...groups.flatMap((group) => {
      const inner = commands.filter(({ name }) => name.startsWith(`${group} `));
      const seconds = inner.map(({ name }) => name.split(' ')[1] ?? '');
      const isSecond = `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${seconds.join(' ')}`;
      return [
        `complete -c mlops -f -n '${isFirst}' -a ${group} -d ${fishWord(seconds.join(', '))}`,
        ...inner.map(
          ({ name, summary }) =>
            `complete -c mlops -f -n '${isSecond}' -a ${name.split(' ')[1]} -d ${fishWord(summary)}`,
        ),
      ];
    }),
    ...commands.flatMap(({ name, flags }) => {
      const seen = name
        .split(' ')
        .map((word) => `__fish_seen_subcommand_from ${word}`)
        .join('; and ');
      return flags.map(([flag, help]) => `complete -c mlops -n '${seen}' -l ${flag.slice(2)} -d ${fishWord(help)}`);
    }),
  ].join('\n');
}

/** Fish escapes a quote where other shells close it. */
function fishWord(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
