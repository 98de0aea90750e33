import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * What happens to a request: `reset` before the server hears of it, `lost` after it did its work, `duplicated` when it does it
 * twice, `busy` is a 503, `broken` a 500, `expired` a refusal; the others spoil the answer's body on its way back: `stalled` is
 * half of it and then nothing, `slow` is piece by piece.
 */
export type Fault =
  'reset' | 'lost' | 'duplicated' | 'busy' | 'broken' | 'expired' | 'truncated' | 'altered' | 'stalled' | 'slow';

/** A request as the proxy sees it. `time` counts the requests of that method to that path, from 1. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly time: number;
  /** How many are under way, this one included. */
  readonly inFlight: number;
}

/** A proxy between a client and a server, with a network that misbehaves as told. */
export interface FaultProxy {
  readonly endpoint: string;
  readonly seen: ProxiedRequest[];
  stop(): Promise<void>;
}

/** Starts a proxy to an HTTP server on a free port. `decide` says what goes wrong; null lets a request pass. */
export async function startFaultProxy(
  target: string,
  decide: (request: ProxiedRequest) => Fault | null,
): Promise<FaultProxy> {
  const seen: ProxiedRequest[] = [];
  let inFlight = 0;
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming;
    const path = url.split('?')[0] ?? '';
    const time = 1 + seen.filter((before) => before.method === method && before.path === path).length;
    inFlight += 1;
    outgoing.once('close', () => (inFlight -= 1));
    const proxied = { method, path, time, inFlight };
    seen.push(proxied);
    pass(target, incoming, outgoing, decide(proxied)).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function pass(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | null,
): Promise<void> {
  if (fault === 'reset') return void incoming.socket.resetAndDestroy();
  const sent = await buffer(incoming);
  if (fault === 'busy') return refuse(outgoing, 503, 'SlowDown');
  if (fault === 'broken') return refuse(outgoing, 500, 'InternalError');
  if (fault === 'expired') return refuse(outgoing, 400, 'ExpiredToken');

  if (fault === 'duplicated') await buffer(await ask(target, incoming, sent));
  const answer = await ask(target, incoming, sent);
  const body = await buffer(answer);
  if (fault === 'lost') return void incoming.socket.resetAndDestroy();

  outgoing.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
  if (fault === 'truncated') {
    outgoing.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => incoming.socket.destroy());
    return;
  }
  if (fault === 'stalled') return void outgoing.write(body.subarray(0, Math.floor(body.byteLength / 2)));
  if (fault === 'slow') {
    for (let at = 0; at < body.byteLength && !outgoing.destroyed; at += 1 + (body.byteLength >> 3)) {
      outgoing.write(body.subarray(at, at + 1 + (body.byteLength >> 3)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return void outgoing.end();
  }
  const middle = body.byteLength >> 1;
  if (fault === 'altered' && body.byteLength > 0) body.writeUInt8((body.readUInt8(middle) + 1) % 256, middle);
  outgoing.end(body);
}

/** The host's name goes on as it came: the client has signed it. */
function ask(target: string, { method, url, rawHeaders }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const forwarded: ClientRequest = request(`${target}${url}`, { method, headers: rawHeaders }, resolve);
    forwarded.on('error', reject).end(body);
  });
}

function refuse(outgoing: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>The fault proxy says so.</Message></Error>`;
  outgoing.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}
