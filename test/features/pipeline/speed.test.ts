import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';

test('to find that nothing is to be done in 200 stages takes far less than a second', async () => {
  const stages = Array.from({ length: 200 }, (_, at) => {
    const above = at === 0 ? 'in' : `o${at - 1}`;
    return `  s${at}: { cmd: "cat in ${above} > o${at}", deps: [in, ${above}], params: [p${at}], outs: [o${at}] }\n`;
  });
  const params = stages.map((_, at) => `p${at}: ${at}\n`).join('');
  const project = await createPipelineProject(`stages:\n${stages.join('')}`, { in: '', 'params.yaml': params });
  await project.repro();
  const started = performance.now();
  const result = await project.repro();
  const milliseconds = performance.now() - started;
  expect(new Set(Object.values(outcomesOf(result)))).toEqual(new Set(['up-to-date']));
  expect(milliseconds).toBeLessThan(1000);
});
