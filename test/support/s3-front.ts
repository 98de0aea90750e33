import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { createFolder } from './sandbox.ts';

/** A request as it was sent. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** What a server in front answers in place of the one behind it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What a client is told of a server in front of another. */
export interface Front {
  readonly endpoint: string;
  readonly sent: SentRequest[];
}

/** A server that listens until the test ends. Returns its port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server on loopback that answers as told, until the test ends. */
export async function standIn(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`;
}

/** A server in front of a real one, that remembers every request and may refuse it. With a certificate it speaks TLS. */
export async function startFront(
  target: string,
  refuse: (request: SentRequest) => Refusal | null = () => null,
  certificate: Certificate | null = null,
): Promise<Front> {
  const sent: SentRequest[] = [];
  const listener: RequestListener = (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const one = { method, url, headers };
    sent.push(one);
    const refusal = refuse(one);
    void buffer(incoming).then(async (body) => {
      if (refusal !== null) {
        const { status, code, message } = refusal;
        const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
        return outgoing.writeHead(status, { 'content-type': 'application/xml' }).end(text);
      }
      const answer = await ask(target, incoming, body);
      outgoing.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      return answer.pipe(outgoing);
    });
  };
  const port = await listen(certificate === null ? createServer(listener) : createTlsServer(certificate, listener));
  return { endpoint: `${certificate === null ? 'http' : 'https'}://127.0.0.1:${port}`, sent };
}

/** A proxy that connects its clients to wherever they want, or answers with a web page. `asked` is what they wanted. */
export async function startConnectProxy(status = 200) {
  const asked: { readonly to: string; readonly authorization: string | undefined }[] = [];
  const server = createServer((_, response) => void response.writeHead(400).end());
  server.on('connect', ({ url = '', headers }: IncomingMessage, socket: Socket) => {
    asked.push({ to: url, authorization: headers['proxy-authorization'] });
    socket.on('error', () => undefined);
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n<html>Sign in</html>`);
    const [host = '', port] = url.split(':');
    const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    onward.pipe(socket).pipe(onward);
    return undefined;
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
}

/** The key and certificate of a server that nobody has heard of. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The file with the certificate. */
  readonly path: string;
}

/** Makes a certificate for 127.0.0.1. */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await createFolder();
  const [key, path] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const how = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const whom = ['-subj', '/CN=penguins', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...how, ...whom, '-keyout', key, '-out', path], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(path, 'utf8'), path };
}

/** The host's name goes on as it came: the client has signed it. */
function ask(target: string, { method, url, rawHeaders }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(`${target}${url}`, { method, headers: rawHeaders }, resolve).on('error', reject).end(body);
  });
}
