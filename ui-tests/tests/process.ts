import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** How often it is asked whether a server answers, in milliseconds. */
const PACE = 200;
/** How long a server gets until it answers, and until it has ended, in milliseconds. */
const STARTS = 60_000;
const ENDS = 10_000;

/** A server in a process group of its own, and what it last wrote to stderr. */
export class ServerProcess {
  private constructor(private readonly process: ChildProcess) {
    process.stderr?.on('data', chunk => {
      this._log = (this._log + String(chunk)).slice(-20_000);
    });
  }

  /**
   * Start a server and wait until it answers.
   *
   * @param command - The program and its arguments.
   * @param env - Its environment variables.
   * @param answers - Whether it answers now; may reject.
   */
  static async start(
    command: readonly string[],
    env: NodeJS.ProcessEnv,
    answers: () => Promise<boolean>
  ): Promise<ServerProcess> {
    const [program, ...rest] = command;
    const server = new ServerProcess(
      spawn(program!, rest, {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true
      })
    );
    for (let waited = 0; waited < STARTS; waited += PACE) {
      if (server.process.exitCode !== null) {
        throw new Error(`${program} ended: ${server._log}`);
      }
      if (await answers().catch(() => false)) {
        return server;
      }
      await new Promise(resolve => setTimeout(resolve, PACE));
    }
    await server.stop();
    throw new Error(`${program} did not answer: ${server._log}`);
  }

  /** What the server wrote to stderr, the last of it. */
  get log(): string {
    return this._log;
  }

  /** End the server and all that it has started. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null) {
      return;
    }
    const ended = new Promise(resolve => this.process.once('exit', resolve));
    this.process.kill('SIGINT');
    this.process.kill('SIGTERM');
    await Promise.race([
      ended,
      new Promise(resolve => setTimeout(resolve, ENDS))
    ]);
    try {
      globalThis.process.kill(-this.process.pid!, 'SIGKILL');
    } catch {
      // Nothing of the group is left, as it should be.
    }
  }

  private _log = '';
}

/** A port of the loopback that nobody has. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address
          ? resolve(address.port)
          : reject(new Error('no port'))
      );
    });
  });
}
