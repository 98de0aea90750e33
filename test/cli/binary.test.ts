import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BINARY, runBinary } from '../support/run-binary.ts';
import { createFolder, createSandbox, GIT_ENV } from '../support/sandbox.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

describe('the program itself', () => {
  test('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await runBinary(ROOT, ['--version'])).toMatchObject({ exitCode: 0, out: `${version}\n`, err: '' });
  });

  test('ends quietly when nobody reads on', async () => {
    const child = spawn(
      'bash',
      ['-c', `set -o pipefail; "${process.execPath}" "${BINARY}" completion fish | head -n 1; echo "$?"`],
      {
        env: GIT_ENV,
      },
    );
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    await once(child, 'close');
    expect({ out, err }).toEqual({ out: '# mlops completion for fish\n0\n', err: '' });
  });

  test('ends with 143 on SIGTERM, with its stage', async () => {
    const { root } = await createSandbox({
      '.mlops.yaml': 'stages:\n  long: { cmd: "echo started; sleep 600", outs: [never.txt] }\n',
    });
    const child = spawn(process.execPath, [BINARY, 'repro', '--json'], { cwd: root, env: GIT_ENV });
    let events = '';
    for await (const chunk of child.stderr) {
      events += String(chunk);
      if (events.includes('started')) break;
    }
    child.kill('SIGTERM');
    const [exitCode] = await once(child, 'exit');
    expect(exitCode).toBe(143);
  });
});

test('the packed package works after a global install, away from this repository', async () => {
  const folder = await createFolder();
  const npm = (...args: string[]) =>
    run('npm', [...args, '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: ROOT, maxBuffer: 1 << 26 });
  const { stdout } = await npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder);
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const packed = files.map(({ path }) => path);
  const entries = ['bin/mlops.js', 'dist/main.js', 'dist/process-host.js', 'dist/training-host.js'];
  expect(packed).toEqual(expect.arrayContaining(entries));
  expect(packed.filter((path) => /^(src|test)\//.test(path))).toEqual([]);

  // The bundle holds every package but the native ones, which have a stand-in: so the install needs no network.
  const prefix = join(folder, 'prefix');
  await npm(
    'install',
    '--global',
    '--prefix',
    prefix,
    '--omit',
    'optional',
    '--prefer-offline',
    '--ignore-scripts',
    join(folder, filename),
  );
  const program = join(prefix, 'bin', 'mlops');
  const options = { cwd: folder, env: GIT_ENV };
  expect((await run(program, ['--version'], options)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  await run('git', ['init', '--quiet', 'project'], options);
  expect((await run(program, ['-C', 'project', 'init'], options)).stdout).toContain('A new project');
  expect((await run(program, ['-C', 'project', 'status'], options)).stdout).toContain('Nothing is tracked yet.');
  // With its data, its code and its training child: everything is in the package.
  expect((await run(program, ['demo', 'demo'], options)).stdout).toContain('each did what it says.');
});
