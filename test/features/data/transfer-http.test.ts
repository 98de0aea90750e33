import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { createFolder } from '../../support/sandbox.ts';

/** A plain web server over a folder, as any host of files has it. */
async function serve(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const file = join(folder, decodeURIComponent(request.url ?? ''));
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return void response.writeHead(404).end();
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    response.writeHead(request.headers.range === undefined ? 200 : 206, {
      'content-length':
        request.headers.range === undefined
          ? stat.size
          : Math.max(0, Math.min(stat.size, to === '' ? stat.size : Number(to) + 1) - Number(from)),
    });
    if (request.method === 'HEAD') return void response.end();
    createReadStream(file, { start: Number(from), ...(to === '' ? {} : { end: Number(to) }) }).pipe(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('what was pushed to a folder is pulled through a web server over it: packs, single objects, and a second push', async () => {
  const folder = await createFolder();
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`images/${at}.txt`, `image ${at}\n`]));
  const source = await createCliProject({ ...files, 'large.bin': Buffer.alloc(300_000, 7), 'a.csv': 'a\n' });
  await source.mlops('remote', 'add', '-d', 'origin', folder);
  expect(await source.mlops('remote', 'modify', 'origin', 'listing', 'true')).toMatchObject({ exitCode: 0 });
  await source.mlops('add', 'images', 'large.bin');
  expect(await source.mlops('push')).toMatchObject({ exitCode: 0 });
  await source.mlops('add', 'a.csv');
  expect(await source.mlops('push')).toMatchObject({ exitCode: 0 });

  const clone = await createCliProject({ '.mlops.lock.yaml': await source.read('.mlops.lock.yaml') });
  await clone.mlops('remote', 'add', '-d', 'web', await serve(folder));
  expect(await clone.mlops('pull')).toMatchObject({ exitCode: 0, err: '' });
  expect(await clone.read('images/39.txt')).toBe('image 39\n');
  expect(statSync(clone.path('large.bin')).size).toBe(300_000);
  expect(await clone.read('a.csv')).toBe('a\n');

  await clone.write({ 'new.csv': 'new\n' });
  await clone.mlops('add', 'new.csv');
  expect(await clone.mlops('push')).toMatchObject({
    exitCode: 5,
    err: expect.stringContaining('can only be read from'),
  });
});
