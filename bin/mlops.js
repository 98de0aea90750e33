#!/usr/bin/env node
import { interruption, main } from '../dist/main.js';

const { env, stderr, stdout } = process;
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM']) {
  // The first asks to end, in good order; `once` leaves the second to Node, which ends at once.
  process.once(name, () => controller.abort(interruption(name)));
}
// Nothing that is foreseen ends here.
process.on('uncaughtException', fail);
// Who reads the result may have seen enough (`mlops dag | head -1`); who reads the events may have gone.
stdout.on('error', (error) => (error.code === 'EPIPE' ? process.exit() : fail(error)));
stderr.on('error', () => undefined);

process.exitCode = await main({
  argv: process.argv.slice(2),
  cwd: process.cwd(),
  env,
  out: (text) => stdout.write(text),
  err: (text) => stderr.write(text),
  outIsTerminal: stdout.isTTY === true,
  errIsTerminal: stderr.isTTY === true,
  columns: (stdout.isTTY ? stdout.columns : stderr.columns) || 100,
  now: () => new Date(),
  signal: controller.signal,
});

function fail(error) {
  stderr.write(`error: ${error?.stack ?? error}\nhint: This is a bug in mlops. Please report it with these lines.\n`);
  process.exit(70);
}
