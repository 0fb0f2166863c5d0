import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long a connection may be idle, in milliseconds. */
const IDLE = 10_000;
/** How long a websocket lives, in milliseconds, however much it carries. */
const LIFETIME = 20_000;

/**
 * A reverse proxy as companies and clouds have them, on the loopback.
 *
 * It hands an answer on when it has all of it, drops connections on which nothing came
 * for ten seconds, and closes each websocket after twenty, without a word.
 */
export class ReverseProxy {
  private constructor(
    private readonly target: number,
    private readonly server: Server
  ) {}

  /** Stand before the server at a port of this machine. */
  static async start(target: number): Promise<ReverseProxy> {
    const server = createServer({ keepAliveTimeout: IDLE });
    const proxy = new ReverseProxy(target, server);
    server.on('request', (asked, answer) => proxy.carry(asked, answer));
    server.on('upgrade', (asked, socket, head) =>
      proxy.join(asked, socket, head)
    );
    server.on('connection', socket => {
      proxy._open.add(socket);
      socket.once('close', () => proxy._open.delete(socket));
    });
    server.setTimeout(IDLE, socket => {
      proxy.dropped += 1;
      socket.destroy();
    });
    await new Promise<void>(resolve =>
      server.listen(0, '127.0.0.1', () => resolve())
    );
    return proxy;
  }

  /** How many connections were dropped because they were idle. */
  dropped = 0;
  /** How many websockets were closed because they were old. */
  closed = 0;
  /** How many answers were compressed. */
  compressed = 0;

  /** Whether what the server says on websockets gets lost. */
  swallows = false;

  /** Close all websockets now. */
  cut(): void {
    this.closed += this._joined.size;
    this._joined.forEach(end => end());
  }

  /** The port to which browsers go. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Close all connections and take no more. */
  async stop(): Promise<void> {
    this._open.forEach(socket => socket.destroy());
    await new Promise(resolve => this.server.close(resolve));
  }

  /** Ask the server, and hand its answer on in one piece. */
  private carry(asked: IncomingMessage, answer: ServerResponse): void {
    const onwards = request({
      host: '127.0.0.1',
      port: this.target,
      method: asked.method,
      path: asked.url,
      headers: this.headers(asked)
    });
    onwards.on('response', given => {
      const pieces: Buffer[] = [];
      given.on('data', piece => pieces.push(piece as Buffer));
      given.on('end', () => {
        const { 'transfer-encoding': _, ...headers } = given.headers;
        const body = Buffer.concat(pieces);
        if (headers['content-encoding'] === 'gzip') {
          this.compressed += 1;
        }
        if (body.length > 0) {
          headers['content-length'] = String(body.length);
        }
        answer.writeHead(given.statusCode ?? 502, headers).end(body);
      });
    });
    onwards.on('error', () => answer.destroy());
    answer.on('close', () => onwards.destroy());
    asked.pipe(onwards);
  }

  /** Join a websocket's two ends, for a while. */
  private join(asked: IncomingMessage, client: Duplex, head: Buffer): void {
    const server = connect(this.target, '127.0.0.1');
    const ends = [client as Socket, server];
    const end = () => {
      clearTimeout(old);
      ends.forEach(each => each.destroy());
    };
    const old = setTimeout(() => {
      this.closed += 1;
      end();
    }, LIFETIME);
    for (const each of ends) {
      each.on('error', end);
      each.on('close', end);
    }
    (client as Socket).setTimeout(IDLE, () => {
      this.dropped += 1;
      end();
    });
    const lines = Object.entries(this.headers(asked)).flatMap(
      ([name, values]) => [values ?? []].flat().map(it => `${name}: ${it}`)
    );
    server.write([`GET ${asked.url} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    server.write(head);
    client.pipe(server);
    server.on('data', piece => {
      if (!this.swallows) {
        client.write(piece);
      }
    });
    this._joined.add(end);
    client.once('close', () => this._joined.delete(end));
  }

  private headers(asked: IncomingMessage): IncomingMessage['headers'] {
    return { ...asked.headers, host: `127.0.0.1:${this.target}` };
  }

  private readonly _joined = new Set<() => void>();
  private readonly _open = new Set<Socket>();
}
