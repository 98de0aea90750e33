import { describe, expect, test } from 'vitest';
import { errorEvent, exitCodeOf, foreseen, renderError } from '../../../src/cli/output/error.ts';
import { plainStyle } from '../../../src/cli/output/style.ts';
import { invalidFile, MlopsError } from '../../../src/core/errors.ts';

const calm = new AbortController().signal;
const render = (error: unknown, isVerbose = false) => renderError(error, plainStyle(), isVerbose);

test('an error says what happened and what to do', () => {
  const error = new MlopsError('usage', 'There is no stage "trian".', { hint: 'Did you mean train?' });
  expect(render(error)).toBe('error: There is no stage "trian".\nhint: Did you mean train?');
});

test('a name in it says nothing to the terminal', () => {
  const error = new MlopsError('usage', 'There is no a\u001b[2Jb\u009b.', { hint: 'mlops add c\rd' });
  expect(render(error)).toBe('error: There is no a\\u001b[2Jb\\u009b.\nhint: mlops add c\\rd');
});

test('mistakes in a file stand on a line each, with their places', () => {
  const problems = [
    { file: '.mlops.yaml', line: 3, column: 5, message: 'Unknown key "cdm".' },
    { file: '.mlops.yaml', line: null, column: null, message: 'No stages.' },
  ];
  expect(render(invalidFile(problems))).toBe(
    'error: There are 2 mistakes in .mlops.yaml.\n  .mlops.yaml:3:5: Unknown key "cdm".\n  .mlops.yaml: No stages.',
  );
});

test('causes are told when asked for', () => {
  const cause = new Error('outer', { cause: new TypeError('inner') });
  const error = new MlopsError('failed', 'It failed.', { cause });
  expect(render(error)).toBe('error: It failed.');
  expect(render(error, true)).toBe('error: It failed.\ncause: Error: outer\ncause: TypeError: inner');
});

describe('what no feature has named', () => {
  const systemError = (code: string) => Object.assign(new Error(`${code}: no luck, write`), { code });

  test.each([
    ['ENOSPC', 'no-space', 1],
    ['EDQUOT', 'no-space', 1],
    ['EACCES', 'file-system', 1],
    ['EROFS', 'file-system', 1],
    ['EMFILE', 'file-system', 1],
  ])('%s is nobody’s bug', (code, kind, exitCode) => {
    const error = foreseen(systemError(code), calm);
    expect(error).toMatchObject({ kind });
    expect(exitCodeOf(error)).toBe(exitCode);
  });

  test('after Ctrl-C, whatever breaks is the interruption', () => {
    const reason = new MlopsError('interrupted', 'Interrupted.');
    expect(foreseen(new Error('socket closed'), AbortSignal.abort(reason))).toBe(reason);
  });

  test('anything else is a bug, with its stack', () => {
    const error = foreseen(new TypeError('x is not a function'), calm);
    expect(exitCodeOf(error)).toBe(70);
    expect(render(error)).toMatch(/^error: TypeError: x is not a function\n\s+at .+\nhint: This is a bug/s);
    expect(errorEvent(error)).toMatchObject({ type: 'error', kind: 'bug', problems: [] });
    expect(render('a text was thrown')).toContain('a text was thrown');
  });
});
