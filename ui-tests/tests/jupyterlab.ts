import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The programs of the virtual environment that has jupyter-collaboration too. */
const COLLABORATION = resolve(__dirname, '../../.venv-collab/bin');

/** What a server may be told when it starts. */
export interface IServerOptions {
  /** Folders with definitions of the test's own. */
  definitions?: string;
  /** The workshop that opens first. */
  workshop?: string;
  /** Whether several people can edit the same notebook at once. */
  collaboration?: boolean;
}

/**
 * A JupyterLab of its own: fresh root, fresh Jupyter data folder, and, as in Studio, a
 * second Python kernelspec that is of no use, so that a notebook whose kernel is not
 * known would bring up the "Select Kernel" dialog.
 */
export class JupyterLab {
  private constructor(
    readonly url: string,
    readonly token: string,
    readonly root: string,
    private readonly folder: string,
    private readonly process: ChildProcess
  ) {}

  /** Start a server and wait until it answers. */
  static async start(options: IServerOptions = {}): Promise<JupyterLab> {
    const folder = mkdtempSync(join(tmpdir(), 'monai workshop '));
    const root = join(folder, 'root');
    const data = join(folder, 'data');
    mkdirSync(root);
    writeUselessKernel(join(data, 'kernels', 'glue_pyspark'));
    const port = await freePort();
    const token = 'ui-tests';
    const process = spawn(
      options.collaboration ? join(COLLABORATION, 'jupyter') : 'jupyter',
      [
        'lab',
        '--no-browser',
        '--allow-root',
        '--ServerApp.ip=127.0.0.1',
        `--ServerApp.port=${port}`,
        '--ServerApp.port_retries=0',
        `--IdentityProvider.token=${token}`,
        `--ServerApp.root_dir=${root}`,
        '--LabApp.expose_app_in_browser=True',
        `--MonaiWorkshopApp.default_workshop=${options.workshop ?? ''}`,
        ...(options.definitions
          ? [`--MonaiWorkshopApp.trusted_folders=${options.definitions}`]
          : [])
      ],
      {
        env: {
          ...globalThis.process.env,
          ...(options.collaboration
            ? { PATH: `${COLLABORATION}:${globalThis.process.env.PATH}` }
            : {}),
          JUPYTER_DATA_DIR: data,
          JUPYTER_CONFIG_DIR: join(folder, 'config'),
          JUPYTER_RUNTIME_DIR: join(folder, 'runtime')
        },
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true
      }
    );
    let log = '';
    process.stderr?.on('data', chunk => {
      log = (log + String(chunk)).slice(-20_000);
    });
    const url = `http://127.0.0.1:${port}/`;
    const lab = new JupyterLab(url, token, root, folder, process);
    for (let attempt = 0; attempt < 300; attempt++) {
      if (process.exitCode !== null) {
        throw new Error(`JupyterLab ended: ${log}`);
      }
      if (await lab.answers()) {
        return lab;
      }
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    await lab.stop();
    throw new Error(`JupyterLab did not answer: ${log}`);
  }

  /** The page of a fresh JupyterLab workspace. */
  page(workspace: string): string {
    return `${this.url}lab/workspaces/${workspace}?token=${this.token}&reset`;
  }

  /** Ask the extension's REST interface. */
  async ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url}monai-workshop/${path}`, {
      headers: { Authorization: `token ${this.token}` }
    });
    return (await answer.json()) as T;
  }

  /** Get everything ready for a workshop. */
  async prepare(workshop: string): Promise<void> {
    const path = `workshops/${workshop}`;
    await fetch(`${this.url}monai-workshop/${path}/jobs`, {
      method: 'POST',
      headers: { Authorization: `token ${this.token}` },
      body: JSON.stringify({ kind: 'prepare', key: 'ui-tests' })
    });
    for (let waited = 0; waited < 600; waited++) {
      await new Promise(resolve => setTimeout(resolve, 200));
      const { preparation } = await this.ask<{
        preparation: { state: string }[];
      }>(path);
      if (preparation.every(part => part.state === 'done')) {
        return;
      }
    }
    throw new Error(`${workshop} did not get ready`);
  }

  /** End the server, its kernels and its folders. */
  async stop(): Promise<void> {
    const ended = new Promise(resolve => this.process.once('exit', resolve));
    if (this.process.exitCode === null) {
      this.process.kill('SIGINT');
      this.process.kill('SIGTERM');
      await Promise.race([
        ended,
        new Promise(resolve => setTimeout(resolve, 10_000))
      ]);
      try {
        globalThis.process.kill(-this.process.pid!, 'SIGKILL');
      } catch {
        // Nothing of the group is left, as it should be.
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async answers(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}monai-workshop/status`, {
        headers: { Authorization: `token ${this.token}` }
      });
      return answer.ok;
    } catch {
      return false;
    }
  }
}

function writeUselessKernel(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const spec = {
    argv: ['/nonexistent/python', '-m', 'ipykernel_launcher'],
    display_name: 'Glue PySpark',
    language: 'python'
  };
  writeFileSync(join(folder, 'kernel.json'), JSON.stringify(spec));
}

function freePort(): Promise<number> {
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
