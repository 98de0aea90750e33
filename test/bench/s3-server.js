import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const LATENCY = join(import.meta.dirname, 'latency.js');
const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'ADELIE',
  AWS_SECRET_ACCESS_KEY: 'pygoscelis-adeliae',
  AWS_REGION: 'us-east-1',
};
// What is started ends with the pipe to it, however this process ends.
const TIED = '"$@" & server=$!; cat > /dev/null; kill $server; wait $server 2> /dev/null; exit 0';

/**
 * Runs work with the addresses of a real S3 server on loopback, and of the same behind so many milliseconds on each request's
 * way. Null, where there is no versitygw (VERSITYGW names its binary).
 */
export function withS3Server(folder, milliseconds, work) {
  const program = findProgram();
  if (program === undefined) return null;
  const [data, sidecar] = [join(folder, 's3', 'data'), join(folder, 's3', 'sidecar')];
  for (const place of [join(data, 'bench'), sidecar]) mkdirSync(place, { recursive: true });
  const [port, slowPort] = [freePort(), freePort()];
  const before = { ...process.env };
  Object.assign(process.env, CREDENTIALS);
  const account = ['--access', CREDENTIALS.AWS_ACCESS_KEY_ID, '--secret', CREDENTIALS.AWS_SECRET_ACCESS_KEY];
  const children = [
    start(program, ...account, '--port', `127.0.0.1:${port}`, '--keep-alive', 'posix', '--sidecar', sidecar, data),
    start(process.execPath, LATENCY, String(slowPort), String(port), String(milliseconds)),
  ];
  try {
    for (const one of [port, slowPort]) waitFor(one);
    return work({ near: `http://127.0.0.1:${port}`, far: `http://127.0.0.1:${slowPort}`, bucket: 's3://bench' });
  } finally {
    for (const child of children) child.stdin.end();
    for (const name of Object.keys(CREDENTIALS)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

function findProgram() {
  if (process.env.VERSITYGW !== undefined) return process.env.VERSITYGW;
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  return folders.map((place) => join(place, 'versitygw')).find((path) => existsSync(path));
}

function start(...command) {
  return spawn('sh', ['-c', TIED, 'sh', ...command], { stdio: ['pipe', 'ignore', 'ignore'] });
}

/** The measurements block this process, so others ask in its place. */
function freePort() {
  const script = `const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })`;
  return Number(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout);
}

function waitFor(port) {
  const script = `
    const until = Date.now() + 20_000;
    const attempt = () => require('net').connect(${port}, '127.0.0.1')
      .on('connect', () => process.exit(0))
      .on('error', () => (Date.now() > until ? process.exit(1) : setTimeout(attempt, 50)));
    attempt();`;
  if (spawnSync(process.execPath, ['-e', script]).status !== 0) throw new Error(`Nothing listens at port ${port}.`);
}
