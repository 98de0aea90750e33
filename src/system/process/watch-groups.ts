import { type ChildProcess, spawn } from 'node:child_process';

// Says `+ group` when one begins and `- group` when it is over, to a shell that waits for the end of what it is told: when the
// tool dies, however that happens, the pipe closes, and what still runs is killed.
const SCRIPT = `while read -r change group; do
  case $change in
    +) groups="$groups $group" ;;
    -) left=; for one in $groups; do [ "$one" = "$group" ] || left="$left $one"; done; groups=$left ;;
  esac
done
for group in $groups; do kill -9 -"$group"; done`;

let watcher: ChildProcess | null = null;

/** Makes that somebody listens before the first group begins. */
export function startWatching(): void {
  if (process.platform !== 'win32') watcher ??= startWatcher();
}

/** Has a group killed when the tool dies before `unwatchGroup`: a signal that nobody can catch leaves nothing running. */
export function watchGroup(group: number): void {
  tell(`+ ${group}\n`);
}

/** All of the group has ended. */
export function unwatchGroup(group: number): void {
  tell(`- ${group}\n`);
}

function startWatcher(): ChildProcess {
  // In a group of its own: Ctrl-C is for the tool.
  const child = spawn('/bin/sh', ['-c', SCRIPT], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Without it all goes on as well.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}

function tell(line: string): void {
  if (watcher?.stdin?.writable === true) watcher.stdin.write(line);
}
