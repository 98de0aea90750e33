import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { runMlops } from '../support/run-mlops.ts';

const anywhere = { cwd: process.cwd() };
const folder = join(import.meta.dirname, '..', '..', 'src', 'cli', 'commands');

describe('the list of commands', () => {
  test('names every file, and every name is the path of its file', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((file) => /(?<!index)\.ts$/.test(file));
    const names = files.map((file) => file.replace(/\.ts$/, '').replaceAll('/', ' '));
    expect(COMMANDS.map(({ name }) => name).sort()).toEqual(names.sort());
    for (const { name, load } of COMMANDS) expect((await load()).name).toBe(name);
  });

  test('has a sentence for each command, and an example of its use', async () => {
    for (const { name, summary, load } of COMMANDS) {
      expect(summary).toMatch(/^[A-Z].+\.$/);
      const { examples } = await load();
      expect(
        examples.some((line) => line.includes(`mlops ${name}`) || line.includes(`) ${name}`) || line.includes(name)),
      ).toBe(true);
    }
  });

  test('spells the flags that all commands share in one way', async () => {
    for (const { name, load } of COMMANDS) {
      for (const [flags] of (await load()).options ?? []) {
        const meanings: Record<string, RegExp> = {
          '-f': /^-f, --force$/,
          '-r': /^-r, --remote <name>$/,
          '-n': /^-n, --dry-run$/,
          '-j': /^-j, --jobs [<[]count[>\]]$/,
        };
        const short = flags.slice(0, 2);
        if (short in meanings) expect(`${name} ${flags}`).toMatch(new RegExp(meanings[short]?.source.slice(1) ?? ''));
      }
    }
  });
});

describe('help', () => {
  test('lists every command under what it is for', async () => {
    const { exitCode, out } = await runMlops(anywhere, '--help');
    expect(exitCode).toBe(0);
    for (const { name, summary } of COMMANDS)
      expect(out).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'));
    expect(out).toContain('From DVC:');
    expect((await runMlops(anywhere)).out).toBe(out);
    expect((await runMlops(anywhere, 'help')).out).toBe(out);
  });

  test('of a command is the same however one asks', async () => {
    const { out } = await runMlops(anywhere, 'push', '--help');
    expect(out).toContain('Usage: mlops push [targets...] [options]');
    expect(out).toContain('Examples\n  mlops push\n');
    expect((await runMlops(anywhere, '-h', 'push')).out).toBe(out);
    expect((await runMlops(anywhere, 'help', 'push')).out).toBe(out);
    expect((await runMlops(anywhere, 'push', '--jsno', '-h')).out).toBe(out);
  });

  test('of a group is its commands', async () => {
    const { exitCode, out } = await runMlops(anywhere, 'metrics');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^ {2}metrics show .+\n {2}metrics diff .+\n {2}metrics check /m);
    expect((await runMlops(anywhere, 'metrics', '--help')).out).toBe(out);
  });

  test('fits the width of the terminal', async () => {
    const { out } = await runMlops({ ...anywhere, columns: 72 }, '--help');
    expect(
      Math.max(
        ...out
          .split('\n')
          .filter((line) => line.startsWith('  '))
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(72);
  });

  test('has every exit code that there is', async () => {
    const { out } = await runMlops(anywhere, 'help', 'exit-codes');
    for (const code of [0, 70, ...Object.values(EXIT_CODES)]) expect(out).toMatch(new RegExp(`^ +${code}  `, 'm'));
  });

  test('of what is not there is refused', async () => {
    expect((await runMlops(anywhere, 'help', 'pul')).exitCode).toBe(2);
    expect((await runMlops(anywhere, 'help', 'metrics', 'shwo')).err).toContain('`mlops metrics show`');
  });
});

test('the version is that of the package, on its own and as a document', async () => {
  const { out } = await runMlops(anywhere, '--version');
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await runMlops(anywhere, '--version', '--json')).json()).toMatchObject({ version: out.trim() });
  expect((await runMlops(anywhere, 'version')).out).toBe(out);
  expect(existsSync(folder)).toBe(true);
});
