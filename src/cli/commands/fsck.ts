import { shortDigest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { checkCache, type FsckResult } from '../../features/data/fsck.ts';
import type { Command } from '../command.ts';
import { formatCount, formatList } from '../output/format.ts';
import type { Style } from '../output/style.ts';

interface FsckOptions {
  readonly remote?: string;
  readonly repair?: boolean;
  readonly fast?: boolean;
}

/** `mlops fsck`. */
export const fsck: Command<FsckOptions, FsckResult> = {
  name: 'fsck',
  description:
    'Every object in the cache is hashed again; with targets, those that they need. Damaged ones go into quarantine, where nothing serves them.',
  args: '[targets...]',
  options: [
    ['--repair', 'replace what is damaged or missing: here from the workspace or a remote, there from the cache'],
    ['-r, --remote <name>', 'a remote to hash as well, and to ask for what is missing here'],
    ['--fast', 'compare sizes alone'],
  ],
  examples: ['mlops fsck', 'mlops fsck --repair --remote origin', 'mlops fsck data/images --fast'],

  async run({ args, options }, { project }) {
    return checkCache(await project(), {
      targets: args,
      repair: options.repair ?? false,
      remote: options.remote ?? null,
      fast: options.fast ?? false,
    });
  },

  render({ checked, damaged, repaired, missing }, style) {
    const line =
      (word: string) => (one: { digest: FsckResult['missing'][number]['digest']; paths: readonly string[] }) =>
        `  ${style.bad(word)}  ${nameOf(one, style)}`;
    const fate = repaired === 0 ? '' : ` ${formatCount(repaired, 'object')} repaired.`;
    return [
      ...formatList([...damaged.map(line('damaged')), ...missing.map(line('missing'))], 50),
      `${formatCount(checked, 'object')} checked: ${damaged.length} damaged, ${missing.length} missing.${fate}`,
    ].join('\n');
  },

  problem({ damaged, missing }) {
    const hint = 'mlops fsck --repair --remote <name>';
    const open = damaged.filter((one) => !one.repaired);
    if (missing.length > 0) {
      const message = `${formatCount(missing.length, 'object')} that the lockfile needs ${missing.length === 1 ? 'is' : 'are'} missing.`;
      return new MlopsError('data-missing', message, { hint });
    }
    if (open.length === 0) return null;
    return new MlopsError('check-failed', `${formatCount(open.length, 'object')} damaged, and not repaired.`, { hint });
  },
};

function nameOf(
  { digest, paths }: { digest: FsckResult['missing'][number]['digest']; paths: readonly string[] },
  style: Style,
) {
  const [path] = paths;
  if (path === undefined) return `${shortDigest(digest)} (of an older revision)`;
  const more = paths.length === 1 ? '' : ` and ${paths.length - 1} more`;
  return `${style.path(path)}${more} ${style.dim(`(${shortDigest(digest)})`)}`;
}
