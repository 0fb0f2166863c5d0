import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { programsOf } from './jupyterlab';
import { freePort, ServerProcess } from './process';

/** Lets a test look into everybody's server. */
const TOKEN = 'ui-tests-look-into-every-server';

/** A JupyterHub on the loopback whose people have servers of their own. */
export class Hub {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly process: ServerProcess
  ) {}

  /**
   * Start a hub and wait until it answers.
   *
   * @param definitions - A folder with definitions of the test's own.
   */
  static async start(definitions: string): Promise<Hub> {
    const folder = mkdtempSync(join(tmpdir(), 'hub-'));
    const port = await freePort();
    const told = {
      folder,
      definitions,
      port,
      hub_port: await freePort(),
      proxy_port: await freePort(),
      token: TOKEN
    };
    const programs = programsOf('.venv-hub');
    const proxy = resolve(programs, '../node_modules/.bin');
    const url = `http://127.0.0.1:${port}/`;
    const process = await ServerProcess.start(
      [
        join(programs, 'jupyterhub'),
        '--config',
        join(__dirname, 'jupyterhub_config.py')
      ],
      {
        ...globalThis.process.env,
        PATH: [programs, proxy, globalThis.process.env.PATH].join(delimiter),
        CONFIGPROXY_AUTH_TOKEN: TOKEN,
        UI_TESTS_HUB: JSON.stringify(told)
      },
      async () => (await fetch(`${url}hub/health`)).ok
    );
    return new Hub(url, folder, process);
  }

  /** Log in and wait for one's own server. */
  async login(page: Page, name: string): Promise<Account> {
    await page.goto(`${this.url}hub/login`);
    await page.locator('[name="username"]').fill(name);
    await page.locator('[name="password"]').fill('any');
    await page.locator('#login_submit').click();
    await page.waitForURL(`**/user/${name}/lab**`, { timeout: 120_000 });
    return new Account(
      `${this.url}user/${name}/`,
      join(this.folder, 'home', name)
    );
  }

  /** End the hub, its proxy and everybody's servers. */
  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What one person has on a hub. */
export class Account {
  constructor(
    readonly url: string,
    readonly root: string
  ) {}

  /** The page of a fresh JupyterLab workspace. */
  page(workspace: string): string {
    return `${this.url}lab/workspaces/${workspace}?reset`;
  }

  /** Ask the extension's REST interface with a token of the hub. */
  async ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url}monai-workshop/${path}`, {
      headers: { Authorization: `token ${TOKEN}` }
    });
    return (await answer.json()) as T;
  }
}
