import { connect, createServer } from 'node:net';

// Stands between a client and a server on loopback: what the client sends comes so many milliseconds later, in order.

const [port, target, milliseconds] = process.argv.slice(2).map(Number);

createServer((client) => {
  const server = connect(target, '127.0.0.1');
  client.setNoDelay();
  server.setNoDelay();
  client.on('data', (chunk) => setTimeout(() => server.write(chunk), milliseconds));
  client.on('end', () => setTimeout(() => server.end(), milliseconds));
  server.pipe(client);
  for (const [one, other] of [
    [client, server],
    [server, client],
  ]) {
    one.on('error', () => other.destroy());
    one.on('close', () => setTimeout(() => other.destroy(), milliseconds));
  }
}).listen(port, '127.0.0.1');
