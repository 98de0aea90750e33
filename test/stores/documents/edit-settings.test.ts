import { expect, test } from 'vitest';
import { addRemote, setDefaultRemote } from '../../../src/stores/documents/edit-settings.ts';

const team = { url: 's3://team/iris', region: 'eu-west-1' };

test('a remote is added behind the others; every other character stays', () => {
  const text = `# ours
remotes:   # where data is kept
    origin:  { url: "s3://a" }   # the first

    archive:
        url: /mnt/archive

stages:

  train: {cmd: 'node train.js'}   # keep me
`;
  expect(addRemote(text, 'team', team)).toBe(
    text.replace(
      'url: /mnt/archive\n',
      'url: /mnt/archive\n    team: { url: "s3://team/iris", region: "eu-west-1" }\n',
    ),
  );
});

test('the first remote of a file that is all comments goes below them', () => {
  expect(setDefaultRemote(addRemote('# nothing yet\n', 'team', team), 'team')).toBe(`# nothing yet
remotes:
  team: { url: "s3://team/iris", region: "eu-west-1" }
remote: team
`);
  expect(addRemote('', 'team', { url: '../remote' })).toBe('remotes:\n  team: { url: "../remote" }\n');
});

test('a remote that is there is replaced in its place', () => {
  const text = 'remotes:\n  team: { url: old } # team\n  other: { url: x }\nstages: {}\n';
  expect(addRemote(text, 'team', { url: 'new', jobs: 4, anonymous: true })).toBe(
    'remotes:\n  team: { url: "new", anonymous: true, jobs: 4 } # team\n  other: { url: x }\nstages: {}\n',
  );
});

test('another default is written over the one before', () => {
  expect(setDefaultRemote('# a\nremote: "old" # why\njobs: 2\n', 'new')).toBe('# a\nremote: new # why\njobs: 2\n');
  expect(setDefaultRemote('remote:\njobs: 2\n', 'new')).toBe('remote: new\njobs: 2\n');
});

test('a mapping in braces grows too, and comments stay', () => {
  expect(addRemote('# a\nremotes: { o: { url: x } } # b\njobs: 1\n', 'team', { url: 'y' })).toBe(
    '# a\nremotes: { o: { url: x }, team: { url: "y" } } # b\njobs: 1\n',
  );
  expect(addRemote('remotes: {} # none\n', 'team', { url: 'y' })).toMatchInlineSnapshot(`
    "remotes: { team: { url: y } } # none
    "
  `);
});

test('a file without a last line end, and one with an end that is indented, stay well formed', () => {
  expect(addRemote('jobs: 2', 'team', { url: 'y' })).toBe('jobs: 2\nremotes:\n  team: { url: "y" }\n');
  expect(addRemote('remotes:\n  a: { url: x }', 'team', { url: 'y' })).toBe(
    'remotes:\n  a: { url: x }\n  team: { url: "y" }\n',
  );
});

test('a name that no remote may have is refused', () => {
  for (const name of ['', 'a b', '../x', '__proto__'])
    expect(() => addRemote('', name, team)).toThrow(/cannot be called/);
});
