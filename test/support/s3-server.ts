import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RemoteOptions } from '../../src/stores/remotes/remote.ts';
import { remoteOptions } from './remote-options.ts';

const SERVER = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const PROGRAM = process.platform === 'win32' ? 'versitygw.exe' : 'versitygw';
const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache');
const BUCKET = 'penguins';

/** A real S3 server on loopback, with an empty folder and one bucket. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  /** Where the bucket's objects lie as files, to damage them behind the server's back. */
  readonly folder: string;
  /** What a user would have in the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** `s3://bucket/prefix`. */
  url(prefix: string): string;
  /** How the configuration would describe this server, with what differs. */
  options(differences?: Partial<RemoteOptions>): RemoteOptions;
  stop(): Promise<void>;
}

const program = findProgram() ?? buildProgram();

/** Why the tests against a real server cannot run here; null when they can. */
export const s3Missing: string | null = typeof program === 'string' ? null : program.reason;

if (s3Missing !== null) {
  if (process.env['MLOPS_REQUIRE_S3'] === '1') throw new Error(`MLOPS_REQUIRE_S3 is set, but ${s3Missing}`);
  process.stderr.write(`Tests against a real S3 server are skipped: ${s3Missing}\n`);
}

/** Starts a server on a free port. It ends with `stop`, and with this process at the latest. */
export async function startS3Server(): Promise<S3Server> {
  if (typeof program !== 'string') throw new Error(program.reason);
  const scratch = mkdtempSync(join(tmpdir(), 'mlops-s3-'));
  const [data, sidecar] = [join(scratch, 'data'), join(scratch, 'sidecar')];
  // The server takes each folder in its own for a bucket.
  for (const folder of [join(data, BUCKET), sidecar]) mkdirSync(folder, { recursive: true });

  const env = { AWS_ACCESS_KEY_ID: 'ADELIE', AWS_SECRET_ACCESS_KEY: 'pygoscelis-adeliae', AWS_REGION: 'us-east-1' };
  const address = `127.0.0.1:${await freePort()}`;
  const options = ['--access', env.AWS_ACCESS_KEY_ID, '--secret', env.AWS_SECRET_ACCESS_KEY, '--port', address];
  const child = startTied(program, [...options, '--keep-alive', 'posix', '--sidecar', sidecar, data]);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await ready(child.stdout, ended, `http://${address}`);

  const endpoint = `http://${address}`;
  return {
    endpoint,
    bucket: BUCKET,
    folder: join(data, BUCKET),
    env,
    url: (prefix) => `s3://${BUCKET}/${prefix}`,
    options: (differences = {}) => remoteOptions({ endpoint, region: 'us-east-1', env, ...differences }),
    async stop() {
      child.stdin.end();
      await ended;
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** Starts a program that cannot outlive this process: it is killed when the pipe to it closes, however that happens. */
function startTied(file: string, args: readonly string[]) {
  const script = '"$@" & server=$!; cat > /dev/null; kill $server; wait $server 2> /dev/null; exit 0';
  return spawn('sh', ['-c', script, 'sh', file, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
}

async function ready(stdout: NodeJS.ReadableStream, ended: Promise<void>, text: string): Promise<void> {
  const lines = createInterface({ input: stdout });
  const listening = new Promise<boolean>((resolve) => {
    lines.on('line', (line) => line.includes(text) && resolve(true));
  });
  if (!(await Promise.race([listening, ended.then(() => false)]))) throw new Error('The S3 server ended at once.');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function findProgram(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go', 'bin'), CACHE];
  return folders.map((folder) => join(folder, PROGRAM)).find((path) => existsSync(path));
}

/** Builds it once, which takes some minutes, and keeps it. Several test processes may do so at once: the last one wins. */
function buildProgram(): string | { readonly reason: string } {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
  } catch {
    return {
      reason: `there is no ${PROGRAM} on PATH, in ~/go/bin or in node_modules/.cache, and no Go to build it with.`,
    };
  }
  process.stderr.write(`Building ${SERVER} into node_modules/.cache, once; this takes some minutes.\n`);
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'build-'));
  try {
    execFileSync('go', ['install', SERVER], {
      env: { ...process.env, GOBIN: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    renameSync(join(folder, PROGRAM), join(CACHE, PROGRAM));
    return join(CACHE, PROGRAM);
  } catch (error) {
    const last = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    return { reason: `${SERVER} could not be built: ${last}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
