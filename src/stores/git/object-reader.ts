import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { MlopsError } from '../../core/errors.ts';
import { type Env, gitArgs, gitEnv, gitFailed, gitMissing } from './run-git.ts';

/** An object of Git's own store. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly bytes: Buffer;
}

interface Waiting {
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads objects through one `git cat-file --batch`, started with the first question and answering in order. */
export class ObjectReader {
  readonly #folder: string;
  readonly #env: Env;
  #batch: Batch | null = null;

  constructor(folder: string, env: Env) {
    this.#folder = folder;
    this.#env = env;
  }

  /** The object that a name stands for (`HEAD^{commit}`, `<sha>:path`), or undefined when Git knows none or several. */
  read(name: string): Promise<GitObject | undefined> {
    // A question is a line, so a name with a line break cannot be asked for.
    if (/[\n\0]/.test(name)) return Promise.resolve(undefined);
    if (this.#batch?.ended !== false) this.#batch = new Batch(this.#folder, this.#env);
    return this.#batch.read(name);
  }

  /** Lets Git answer what it was asked, and end. */
  close(): void {
    this.#batch?.close();
    this.#batch = null;
  }
}

/** One process of Git, from its first question to its end. */
class Batch {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #held = 0;
  #needed = 1;
  #err = '';
  #ended = false;

  constructor(folder: string, env: Env) {
    const child = spawn('git', gitArgs(['cat-file', '--batch']), {
      cwd: folder,
      env: gitEnv(env),
      windowsHide: true,
    });
    child.on('error', (error) => this.#end(gitMissing(error)));
    child.on('close', (exitCode) =>
      this.#end(
        gitFailed('read its history', { exitCode: exitCode ?? 1, out: Buffer.alloc(0), err: this.#err.trim() }),
      ),
    );
    // Git may be gone when it is asked; its end tells what happened.
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    child.stderr.on('data', (chunk: Buffer) => (this.#err += chunk.toString('utf8')));
    this.#child = child;
  }

  get ended(): boolean {
    return this.#ended;
  }

  read(name: string): Promise<GitObject | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#keepAlive(true);
      this.#child.stdin.write(`${name}\n`);
    });
  }

  close(): void {
    this.#child.stdin.end();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    // A large object comes in many chunks; they are joined once, when it is whole.
    if (this.#held < this.#needed) return;
    let data = Buffer.concat(this.#chunks);
    for (let answer = readAnswer(data); ; answer = readAnswer(data)) {
      this.#needed = answer.needed;
      if (answer.needed > data.length) break;
      data = data.subarray(answer.needed);
      this.#waiting.shift()?.resolve(answer.object);
    }
    this.#chunks = [data];
    this.#held = data.length;
    if (this.#waiting.length === 0) this.#keepAlive(false);
  }

  /** Only an open question keeps this process running: Git ends with us, whether or not someone closes it. */
  #keepAlive(alive: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const handle of [this.#child, ...([stdin, stdout, stderr] as unknown as Socket[])]) {
      if (alive) handle.ref();
      else handle.unref();
    }
  }

  #end(error: MlopsError): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** The first answer in the data, and how many bytes it takes; `needed` beyond the data's end says that it is not whole yet. */
function readAnswer(data: Buffer): { needed: number; object?: GitObject | undefined } {
  const end = data.indexOf('\n');
  if (end < 0) return { needed: data.length + 1 };
  const header = data.toString('utf8', 0, end);
  const found = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(header);
  if (found === null) return { needed: end + 1 };
  const [, id = '', type = '', size = ''] = found;
  const needed = end + 1 + Number(size) + 1;
  if (needed > data.length) return { needed };
  return { needed, object: { id, type, bytes: data.subarray(end + 1, needed - 1) } };
}
