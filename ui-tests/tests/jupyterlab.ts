import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, ServerProcess } from './process';

/** The programs of a virtual environment beside the usual one. */
export function programsOf(environment: string): string {
  return resolve(__dirname, '../..', environment, 'bin');
}

/** What a server may be told when it starts. */
export interface IServerOptions {
  /** Folders with definitions of the test's own. */
  definitions?: string;
  /** The workshop that opens first. */
  workshop?: string;
  /** Whether several people can edit the same notebook at once. */
  collaboration?: boolean;
  /** Another virtual environment than the one on `PATH`: its folder of programs. */
  programs?: string;
  /** The application to start: JupyterLab by default. */
  application?: 'lab' | 'notebook';
  /** Where the server's paths begin: `/` by default. */
  baseUrl?: string;
  /** What lets a page in; empty lets everybody in. */
  token?: string;
  /** More of the server's command line. */
  settings?: readonly string[];
  /** More environment variables of the server. */
  variables?: Readonly<Record<string, string>>;
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
    private readonly process: ServerProcess
  ) {}

  /** Start a server and wait until it answers. */
  static async start(options: IServerOptions = {}): Promise<JupyterLab> {
    const folder = mkdtempSync(join(tmpdir(), 'monai workshop '));
    const root = join(folder, 'root');
    const data = join(folder, 'data');
    mkdirSync(root);
    writeUselessKernel(join(data, 'kernels', 'glue_pyspark'));
    const port = await freePort();
    const { application = 'lab', baseUrl = '/', token = 'ui-tests' } = options;
    const programs =
      options.programs ??
      (options.collaboration ? programsOf('.venv-collab') : undefined);
    const url = `http://127.0.0.1:${port}${baseUrl}`;
    const process = await ServerProcess.start(
      [
        programs ? join(programs, 'jupyter') : 'jupyter',
        application,
        '--no-browser',
        '--allow-root',
        '--ServerApp.ip=127.0.0.1',
        `--ServerApp.port=${port}`,
        '--ServerApp.port_retries=0',
        `--ServerApp.base_url=${baseUrl}`,
        `--IdentityProvider.token=${token}`,
        `--ServerApp.root_dir=${root}`,
        application === 'lab'
          ? '--LabApp.expose_app_in_browser=True'
          : '--JupyterNotebookApp.expose_app_in_browser=True',
        `--MonaiWorkshopApp.default_workshop=${options.workshop ?? ''}`,
        ...(options.definitions
          ? [`--MonaiWorkshopApp.trusted_folders=${options.definitions}`]
          : []),
        ...(options.settings ?? [])
      ],
      {
        ...globalThis.process.env,
        ...(programs
          ? { PATH: `${programs}:${globalThis.process.env.PATH}` }
          : {}),
        JUPYTER_DATA_DIR: data,
        JUPYTER_CONFIG_DIR: join(folder, 'config'),
        JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
        ...options.variables
      },
      () => answers(url, token)
    );
    return new JupyterLab(url, token, root, folder, process);
  }

  /** The same server at another address, such as that of a proxy. */
  at(url: string): JupyterLab {
    return new JupyterLab(
      url,
      this.token,
      this.root,
      this.folder,
      this.process
    );
  }

  /** The page of a fresh JupyterLab workspace. */
  page(workspace: string): string {
    const token = this.token ? `token=${this.token}&` : '';
    return `${this.url}lab/workspaces/${workspace}?${token}reset`;
  }

  /** Ask the extension's REST interface. */
  async ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url}monai-workshop/${path}`, {
      headers: authorization(this.token)
    });
    return (await answer.json()) as T;
  }

  /** Get everything ready for a workshop. */
  async prepare(workshop: string): Promise<void> {
    const path = `workshops/${workshop}`;
    await fetch(`${this.url}monai-workshop/${path}/jobs`, {
      method: 'POST',
      headers: { ...authorization(this.token), ...(await this.xsrf()) },
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

  /** What a server that knows nobody wants to see from a page. */
  private async xsrf(): Promise<Record<string, string>> {
    if (this.token) {
      return {};
    }
    const page = await fetch(`${this.url}lab`);
    const cookies = page.headers.getSetCookie().map(it => it.split(';')[0]!);
    const xsrf = cookies.find(it => it.startsWith('_xsrf='))!;
    return {
      Cookie: cookies.join('; '),
      'X-XSRFToken': xsrf.slice('_xsrf='.length)
    };
  }

  /** End the server, its kernels and its folders. */
  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Whether the extension's part of a server answers; rejects when nothing is there. */
async function answers(url: string, token: string): Promise<boolean> {
  const answer = await fetch(`${url}monai-workshop/status`, {
    headers: authorization(token)
  });
  return answer.ok;
}

function authorization(token: string): Record<string, string> {
  return token ? { Authorization: `token ${token}` } : {};
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
