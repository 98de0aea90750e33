import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommandEntry, World } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { interruption } from '../../src/main.ts';
import { runMlops } from '../support/run-mlops.ts';
import { createFolder, createSandbox } from '../support/sandbox.ts';

const anywhere = { cwd: process.cwd() };

describe('what is typed wrongly', () => {
  test('an unknown command gets the nearest one, and exit code 2', async () => {
    const { exitCode, out, err } = await runMlops(anywhere, 'psuh');
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toBe(
      'error: There is no command "mlops psuh".\nhint: Did you mean `mlops push`? All commands: mlops --help\n',
    );
  });

  test('a word of two commands names both', async () => {
    const { err } = await runMlops(anywhere, 'show');
    expect(err).toContain('`mlops runs show` or `mlops metrics show` or `mlops params show`');
  });

  test('a sub-command gets the nearest one of its group', async () => {
    const { exitCode, err } = await runMlops(anywhere, 'metrics', 'dif');
    expect(exitCode).toBe(2);
    expect(err).toContain('Did you mean `mlops metrics diff`? All commands: mlops metrics --help');
  });

  test('an unknown flag gets the nearest one', async () => {
    const { exitCode, err } = await runMlops(anywhere, 'root', '--jsno');
    expect(exitCode).toBe(2);
    expect(err).toBe(
      'error: mlops root has no option --jsno.\nhint: Did you mean --json? All its options: mlops root --help\n',
    );
  });

  test.each([
    [['--jsno'], 'mlops has no option --jsno.', 'Did you mean --json? All its options: mlops --help'],
    [['--vresion'], 'mlops has no option --vresion.', 'Did you mean --version? All its options: mlops --help'],
    [['-x'], 'mlops has no option -x.', 'All its options: mlops --help'],
    [['--cd'], 'The option -C, --cd <dir> needs a value.', 'How it is used: mlops --help'],
    [['--color', 'pink'], '--color: "pink" is not one of auto, always, never.', null],
    [['metrics', '--jsno'], 'mlops metrics has no option --jsno.', 'Did you mean --json?'],
    [['--', 'push'], 'Too many arguments: mlops takes no arguments.', 'How it is used: mlops --help'],
  ])('%j without a command is refused as it is with one', async (argv, message, hint) => {
    const { exitCode, out, err } = await runMlops(anywhere, ...argv);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(`error: ${message}\n`);
    if (hint !== null) expect(err).toContain(`hint: ${hint}`);
  });

  test.each([[[]], [['--json']], [['-v', '--color', 'never']], [['metrics']], [['--help', '--jsno']]])(
    '%j is the help',
    async (argv) => {
      const { exitCode, out } = await runMlops(anywhere, ...argv);
      expect(exitCode).toBe(0);
      expect(out).toContain('metrics diff');
    },
  );

  test('too many and too few arguments say what the command takes', async () => {
    const many = await runMlops(anywhere, 'root', 'here');
    expect(many.err).toContain('Too many arguments: mlops root takes no arguments.');
    const few = await runMlops(anywhere, 'remote', 'add', 'origin');
    expect(few.err).toContain('mlops remote add needs <url>.');
    expect([many.exitCode, few.exitCode]).toEqual([2, 2]);
  });

  test.each([
    [['push', '--jobs', 'many'], '--jobs: "many" is not a whole number above zero.'],
    [['repro', '-S', 'p'], '--set-param: "p" is not name=value.'],
    [['root', '--wait', 'soon'], '--wait: "soon" is not a time such as 30s, 5m or 2h.'],
    [['root', '--color', 'pink'], '--color: "pink" is not one of auto, always, never.'],
    [['push', '--jobs'], 'The option -j, --jobs <count> needs a value.'],
    [['root', '-C', '/nowhere/at/all'], '/nowhere/at/all is not a folder.'],
  ])('%j names the option and what is wrong with it', async (argv, message) => {
    const { exitCode, err } = await runMlops(anywhere, ...argv);
    expect(exitCode).toBe(2);
    expect(err).toContain(`error: ${message}\n`);
  });
});

describe('options of every command', () => {
  test('stand before and after the command', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': '' });
    for (const argv of [
      ['--json', '-C', 'data', 'root'],
      ['root', '-C', 'data', '--json'],
      ['-C', 'data', 'root', '--json'],
    ]) {
      mkdirSync(join(sandbox.root, 'data'), { recursive: true });
      const run = await runMlops({ cwd: sandbox.root }, ...argv);
      expect(run.json()).toEqual({ root: sandbox.root });
    }
  });

  test('stand between the words of a command', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': '' });
    const { exitCode, out } = await runMlops({ cwd: sandbox.root }, 'remote', '--json', 'list');
    expect({ exitCode, out: JSON.parse(out) }).toEqual({ exitCode: 0, out: { remotes: [] } });
  });

  test('--json tells an error as the last line on stderr, with its problems', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': 'stages:\n  a: { cdm: x }\n' });
    const { exitCode, out, err } = await runMlops({ cwd: sandbox.root }, 'stage', 'list', '--json');
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(JSON.parse(err.trim().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'error',
      kind: 'invalid-file',
      problems: [
        { file: '.mlops.yaml', line: 2 },
        { file: '.mlops.yaml', line: 2 },
      ],
    });
  });

  test.each([
    [{}, [], false],
    [{}, ['--color', 'always'], true],
    [{}, ['--color=always'], true],
    [{ FORCE_COLOR: '1' }, [], true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    [{ NO_COLOR: '1' }, ['--color', 'always'], true],
    [{ FORCE_COLOR: '1' }, ['--color', 'never'], false],
  ])('with %j and %j, colours are %s', async (env, flags, isColored) => {
    const base = { NO_COLOR: '', FORCE_COLOR: undefined };
    const { out } = await runMlops({ ...anywhere, env: { ...base, ...env } }, ...flags, '--help');
    expect(out.includes('\u001b[')).toBe(isColored);
  });

  test('a terminal gets colours, a dumb one does not', async () => {
    const world = { ...anywhere, outIsTerminal: true };
    const env = { NO_COLOR: '', FORCE_COLOR: undefined };
    expect((await runMlops({ ...world, env: { ...env, TERM: 'xterm' } }, '--help')).out).toContain('\u001b[');
    expect((await runMlops({ ...world, env: { ...env, TERM: 'dumb' } }, '--help')).out).not.toContain('\u001b[');
  });
});

describe('how it ends', () => {
  test('outside a project with 7 and the way in', async () => {
    const { exitCode, err } = await runMlops({ cwd: await createFolder() }, 'root');
    expect(exitCode).toBe(7);
    expect(err).toContain('hint: mlops init\n');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s with %i', async (name, code) => {
    const sandbox = await createSandbox({ '.mlops.yaml': '' });
    const signal = AbortSignal.abort(interruption(name));
    expect((await runMlops({ cwd: sandbox.root, signal }, 'root')).exitCode).toBe(code);
  });

  test('a bug with 70, its stack, and how to report it', async () => {
    const command: CommandEntry = {
      name: 'broken',
      group: 'tool',
      summary: 'Break.',
      load: async () => ({
        name: 'broken',
        examples: [],
        run: async () => {
          throw new TypeError('nobody foresaw this');
        },
        render: () => '',
      }),
    };
    let err = '';
    const world: World = {
      argv: ['broken'],
      cwd: process.cwd(),
      env: {},
      out: () => undefined,
      err: (text) => (err += text),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 80,
      now: () => new Date(0),
      signal: new AbortController().signal,
    };
    const openProject = () => Promise.reject(new Error('not needed'));
    const { exitCode } = await runCommandLine(world, { commands: [command], openProject });
    expect(exitCode).toBe(70);
    expect(err).toMatch(/^error: TypeError: nobody foresaw this\n\s+at /);
    expect(err).toContain('hint: This is a bug in mlops. Please report it');
  });
});
