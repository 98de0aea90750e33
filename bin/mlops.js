#!/usr/bin/env node
import { readFileSync } from 'node:fs';

const { argv, env, stderr, stdin, stdout } = process;

// Who reads the result may have seen enough (`mlops dag | head -1`); who reads the events may have gone.
stdout.on('error', (error) => (error.code === 'EPIPE' ? process.exit() : fail(error)));
stderr.on('error', () => undefined);
// Node 22 calls the SQLite that it brings experimental: nothing a user could act on.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') stderr.write(`${warning.name}: ${warning.message}\n`);
});
// Nothing that is foreseen ends here.
process.on('uncaughtException', fail);

if (argv.length === 3 && argv[2] === '--version') {
  // The most frequent question of scripts needs none of the program.
  stdout.write(`${JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`);
} else {
  process.exitCode = await run();
}

async function run() {
  const { interruption, killRunningGroups, main } = await import('../dist/main.js');
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) {
    // The first asks to end, in good order; the second ends at once. The listener stays: the spinner's package has one of its
    // own, and ends the program when it finds no other.
    process.on(name, () => {
      if (controller.signal.aborted) {
        killRunningGroups();
        process.exit(name === 'SIGINT' ? 130 : 143);
      }
      controller.abort(interruption(name));
    });
  }
  return main({
    argv: argv.slice(2),
    cwd: process.cwd(),
    env,
    out: (text) => stdout.write(text),
    outBytes: (bytes) => new Promise((resolve) => stdout.write(bytes, () => resolve())),
    err: (text) => stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    columns: (stdout.isTTY ? stdout.columns : stderr.columns) || 100,
    now: () => new Date(),
    signal: controller.signal,
    ...(stdin.isTTY === true && stderr.isTTY === true ? { ask } : {}),
  });
}

async function ask(question) {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: stdin, output: stderr });
  return new Promise((resolve) => {
    // Ctrl-D is an answer too; Ctrl-C ends the command as it does everywhere.
    lines.once('close', () => resolve(''));
    lines.once('SIGINT', () => (process.emit('SIGINT'), lines.close()));
    lines.question(question, (answer) => (resolve(answer), lines.close()));
  });
}

function fail(error) {
  stderr.write(`error: ${error?.stack ?? error}\nhint: This is a bug in mlops. Please report it with these lines.\n`);
  process.exit(70);
}
