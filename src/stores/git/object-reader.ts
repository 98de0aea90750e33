import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { MlopsError } from '../../core/errors.ts';
import { type Env, gitArgs, gitEnv, gitMissing } from './run-git.ts';

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
  readonly #waiting: Waiting[] = [];
  #child: ChildProcessByStdio<Writable, Readable, null> | null = null;
  #chunks: Buffer[] = [];
  #held = 0;
  #needed = 1;

  constructor(folder: string, env: Env) {
    this.#folder = folder;
    this.#env = env;
  }

  /** The object that a name stands for (`HEAD^{commit}`, `<sha>:path`), or undefined when Git knows none or several. */
  read(name: string): Promise<GitObject | undefined> {
    // A question is a line, so a name with a line break cannot be asked for.
    if (/[\n\0]/.test(name)) return Promise.resolve(undefined);
    const child = (this.#child ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      child.stdin.write(`${name}\n`);
    });
  }

  close(): void {
    this.#child?.stdin.end();
    this.#child = null;
  }

  #start(): ChildProcessByStdio<Writable, Readable, null> {
    const child = spawn('git', gitArgs(['cat-file', '--batch']), {
      cwd: this.#folder,
      env: gitEnv(this.#env),
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    child.on('error', (error) => this.#fail(gitMissing(error)));
    child.stdin.on('error', () => undefined);
    child.on('close', () => this.#fail(new MlopsError('failed', 'Git ended while its history was being read.')));
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    return child;
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
  }

  #fail(error: MlopsError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#child = null;
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
