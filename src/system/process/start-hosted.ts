import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { packageFolder } from '../package-folder.ts';
import type { HostNews, HostOrder } from './host-messages.ts';
import type { ProcessListener, Program, Release } from './started-process.ts';

// Before a process is started the system copies the page tables of the one that starts it, which is ours: a large one. A host
// is small, and copies while we do other things. It takes a few processes to be worth one, and some more until it is there.
const WORTH_A_HOST = 8;
const HOST_IS_THERE = 24;

let begun = 0;
let host: Host | null = null;

/** Has a process started by a host. Null while there is none, and on Windows always. */
export function startHosted(program: Program, listener: ProcessListener): Release | null {
  if (process.platform === 'win32') return null;
  if (++begun === WORTH_A_HOST) host = new Host(program.env);
  return begun < HOST_IS_THERE || host === null || host.isLost ? null : host.start(program, listener);
}

/** Our end of the channel to a host. It keeps nobody waiting while nothing runs. */
class Host {
  readonly #child: ChildProcess;
  readonly #listeners = new Map<number, ProcessListener>();
  #next = 0;
  #isLost = false;

  constructor(env: Program['env']) {
    this.#child = fork(join(packageFolder(), 'dist', 'process-host.js'), [], {
      // In a group of its own: Ctrl-C is for the one who tells it what to do.
      detached: true,
      env: { ...env, NODE_OPTIONS: undefined },
      execArgv: ['--max-semi-space-size=1'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (news: HostNews) => this.#hear(news));
    this.#child.on('error', (error) => this.#lose(error));
    this.#child.on('disconnect', () => this.#lose(new Error('the process that had started it has died')));
    this.#child.unref();
    this.#child.channel?.unref();
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  start(program: Program, listener: ProcessListener): Release {
    const id = this.#next++;
    if (this.#listeners.size === 0) this.#child.channel?.ref();
    this.#listeners.set(id, listener);
    this.#tell({ type: 'start', id, ...program });
    return () => {
      if (this.#listeners.has(id)) this.#tell({ type: 'release', id });
    };
  }

  #tell(order: HostOrder): void {
    this.#child.send(order, (error) => error !== null && this.#lose(error));
  }

  #hear(news: HostNews): void {
    const listener = this.#listeners.get(news.id);
    switch (news.type) {
      case 'started':
        return listener?.started(news.pid);
      case 'text':
        return listener?.text(news.stream, news.text);
      case 'exit':
        return listener?.exited({ exitCode: news.exitCode, signal: news.signal });
      case 'silence':
        this.#forget(news.id);
        return listener?.silent();
      case 'failed':
        this.#forget(news.id);
        return listener?.failed(Object.assign(new Error(news.message), { code: news.code }));
    }
  }

  #forget(id: number): void {
    this.#listeners.delete(id);
    if (this.#listeners.size === 0) this.#child.channel?.unref();
  }

  #lose(error: Error): void {
    this.#isLost = true;
    const left = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of left) listener.failed(error);
  }
}
