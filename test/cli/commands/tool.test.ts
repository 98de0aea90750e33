import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';

describe('doctor', () => {
  test('looks at the machine everywhere, and at the project inside of one', async () => {
    const outside = await runMlops({ cwd: await createFolder() }, 'doctor');
    expect(outside.exitCode).toBe(0);
    expect(outside.out).toMatch(/^mlops \d.*\n✓ Node .*\n✓ Git .*\n✓ Digests .*\n/);
    expect(outside.out).toMatch(/^- project .* is not inside a project\.\n +mlops init$/m);

    const sandbox = await createSandbox({ '.mlops.yaml': 'remotes: { near: { url: ../nowhere-at-all/x } }\n' });
    const inside = await runMlops({ cwd: sandbox.root }, 'doctor', '--json');
    const { checks } = inside.json<{ checks: { name: string; ok: boolean | null }[] }>();
    expect(checks.find(({ name }) => name === 'project')).toMatchObject({ ok: true });
    expect(checks.find(({ name }) => name === 'Cache')).toMatchObject({ ok: true });
  });

  test('exits with 9 when something is broken', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': 'stages: 7\n' });
    const { exitCode, out, err } = await runMlops({ cwd: sandbox.root }, 'doctor');
    expect(exitCode).toBe(9);
    expect(out).toMatch(/^✗ project .*\.mlops\.yaml:1: /m);
    expect(err).toBe('error: 1 thing to mend: project.\n');
  });
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('for %s names every command and its flags', async (shell) => {
    const { out } = await runMlops({ cwd: process.cwd() }, 'completion', shell);
    for (const word of new Set(COMMANDS.flatMap(({ name }) => name.split(' ')))) expect(out).toContain(word);
    expect(out).toMatch(/allow-missing/);
  });

  test('for bash completes what one types', async () => {
    const { out } = await runMlops({ cwd: process.cwd() }, 'completion', 'bash');
    const complete = (...words: string[]) => {
      const script = `${out}\nCOMP_WORDS=(mlops ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _mlops; echo "\${COMPREPLY[*]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim();
    };
    expect(complete('pu')).toBe('push pull');
    expect(complete('metrics', '')).toBe('show diff check');
    expect(complete('-C', 'x', 'push', 'train', '--rem')).toBe('--remote');
    expect(complete('push', 'da')).toBe('');
  });

  test('for another shell is exit 2', async () => {
    const { exitCode, err } = await runMlops({ cwd: process.cwd() }, 'completion', 'fihs');
    expect(exitCode).toBe(2);
    expect(err).toContain('did you mean "fish"?');
  });
});

describe('demo', () => {
  test('refuses a folder that holds something', async () => {
    const sandbox = await createSandbox({ 'mine/kept.txt': 'kept\n' });
    const { exitCode, err } = await runMlops({ cwd: sandbox.root }, 'demo', 'mine');
    expect(exitCode).toBe(8);
    expect(err).toContain('hint: Name another one: mlops demo <folder>');
    expect(await sandbox.read('mine/kept.txt')).toBe('kept\n');
  });

  test('plays the main job, with each command as one would type it, and says what to try next', async () => {
    const cwd = await createFolder();
    const { exitCode, out, err, events } = await runMlops({ cwd }, 'demo', 'here');
    expect(err).not.toContain('error:');
    expect(exitCode).toBe(0);
    expect(err).toContain('\n$ mlops metrics diff\n  file');
    expect(out).toMatch(/^Done: \d+ commands in .*; each did what it says\.\n {2}project .*\/here\/project\n/);
    expect(out).toContain('Try next:\n  cd here/project\n');
    expect(events.filter((event) => event.type === 'narration' && event.command !== null).length).toBeGreaterThan(10);
  });
});

test('a project whose files are broken has a root', async () => {
  const sandbox = await createSandbox({ '.mlops.yaml': 'stages: [', '.mlops.lock.yaml': '<<<<<<<', 'sub/x': '' });
  const { exitCode, out, err } = await runMlops({ cwd: sandbox.path('sub') }, 'root');
  expect({ exitCode, out, err }).toEqual({ exitCode: 0, out: `${sandbox.root}\n`, err: '' });
});
