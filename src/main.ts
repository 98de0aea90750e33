import type { World } from './cli/command.ts';
import { COMMANDS } from './cli/commands/index.ts';
import { runCommandLine } from './cli/run.ts';
import { packageVersion } from './system/package-folder.ts';

export { interruption } from './core/errors.ts';
export { killRunningGroups } from './system/process/end-group.ts';

/** Runs one command line in a world and returns its exit code. */
export async function main(world: World): Promise<number> {
  if (world.argv.length === 1 && world.argv[0] === '--version') {
    world.out(`${packageVersion()}\n`);
    return 0;
  }
  const { exitCode } = await runCommandLine(world, {
    commands: COMMANDS,
    openProject: async (cwd, surroundings) => (await import('./project/open.ts')).openProject(cwd, surroundings),
  });
  return exitCode;
}
