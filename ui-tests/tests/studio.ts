import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IServerOptions, JupyterLab } from './jupyterlab';
import { ReverseProxy } from './proxy';

/** How SageMaker Distribution starts JupyterLab in a space. */
const SETTINGS = [
  "--ServerApp.tornado_settings={'compress_response': True}",
  '--ServerApp.allow_origin=*',
  '--FileContentsManager.delete_to_trash=False',
  '--FileContentsManager.always_delete_dir=True'
];

/** What tells a program that it runs in a space. */
const VARIABLES = {
  SAGEMAKER_APP_TYPE: 'JupyterLab',
  SAGEMAKER_APP_TYPE_LOWERCASE: 'jupyterlab',
  SAGEMAKER_SPACE_NAME: 'workshop',
  AWS_REGION: 'eu-central-1'
};

/** A JupyterLab as in SageMaker Studio, behind a reverse proxy. */
export class Studio {
  private constructor(
    private readonly direct: JupyterLab,
    readonly proxy: ReverseProxy,
    private readonly folder: string,
    private readonly activity: string
  ) {
    const { pathname } = new URL(direct.url);
    this.lab = direct.at(`http://127.0.0.1:${proxy.port}${pathname}`);
  }

  /** The server as browsers reach it. */
  readonly lab: JupyterLab;

  /**
   * Start a space.
   *
   * @param options - What the server is told beyond that.
   */
  static async start(options: IServerOptions = {}): Promise<Studio> {
    // The file by which a space says that it is in use, but not that of this machine.
    const folder = mkdtempSync(join(tmpdir(), 'studio-'));
    const activity = join(folder, 'last-active');
    const lab = await JupyterLab.start({
      ...options,
      baseUrl: '/jupyterlab/default/',
      token: '',
      settings: [...SETTINGS, `--MonaiWorkshopApp.activity_file=${activity}`],
      variables: VARIABLES
    });
    const proxy = await ReverseProxy.start(Number(new URL(lab.url).port));
    return new Studio(lab, proxy, folder, activity);
  }

  /** When the space last said that it is in use. */
  lastActive(): Date {
    return new Date(readFileSync(this.activity, 'utf8'));
  }

  /** End the server and the proxy. */
  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.direct.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
