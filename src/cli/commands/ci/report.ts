import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import { type CiReport, reportOn } from '../../../features/ci/report.ts';
import { fileError } from '../../../system/file-error.ts';
import { writeFile } from '../../../system/write-file.ts';
import type { Command } from '../../command.ts';
import { renderCiReport } from '../../output/ci-report.ts';
import { plainStyle } from '../../output/style.ts';

interface CiReportOptions {
  readonly base?: string;
  readonly out?: string;
}

/** `mlops ci report`. */
export const ciReport: Command<CiReportOptions, CiReport> = {
  name: 'ci report',
  description:
    'One Markdown report of a change: verdict, metrics with their gates, params, data, the pipeline, how to reproduce it. In GitHub Actions it is added to the summary of the job too. Exits with 9 when a check fails.',
  options: [
    ['--base <rev>', 'what to compare with; by default what the pull request goes to, or HEAD'],
    ['--out <file>', 'also into this file'],
  ],
  examples: ['mlops ci report --base origin/main', 'mlops ci report --out report.md'],

  async run({ options }, { project, cwd, env }) {
    const opened = await project();
    const report = await reportOn(opened, options.base ?? null);
    const text = `${renderCiReport(report, plainStyle())}\n`;
    if (options.out !== undefined) writeFile(resolve(cwd, options.out), text, opened.layout.tmp);
    const summary = env['GITHUB_STEP_SUMMARY'];
    try {
      if (summary) appendFileSync(summary, text);
    } catch (error) {
      throw fileError(error, `write ${summary}`);
    }
    return report;
  },

  render: (report) => renderCiReport(report, plainStyle()),
  problem: ({ ok }) => (ok ? null : new MlopsError('check-failed', 'This is not fit to be merged.')),
};
