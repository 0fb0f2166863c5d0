import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { JupyterLab } from './jupyterlab';
import { Panel } from './panel';

/** Kernelspecs that no server has, as notebooks of workshops name them. */
const UNKNOWN = {
  'Bootcamp.ipynb': 'monai_fix',
  'Conda.ipynb': 'conda-env-default-py',
  'Studio Classic.ipynb':
    'python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:081325390199:image/pytorch-2.0.1-gpu-py310'
};
/** The notebook that names a kernelspec which every server has. */
const KNOWN = 'Chosen.ipynb';

function notebook(kernel: string): string {
  const cell = {
    cell_type: 'code',
    execution_count: null,
    id: 'cell-1',
    metadata: {},
    outputs: [],
    source: ['x = 20']
  };
  const kernelspec = { display_name: kernel, language: 'python', name: kernel };
  const content = {
    cells: [cell],
    metadata: { kernelspec, language_info: { name: 'python' } },
    nbformat: 4,
    nbformat_minor: 5
  };
  return JSON.stringify(content, null, 1) + '\n';
}

function writeWorkshop(folder: string): void {
  const materials = join(folder, 'named', 'files', 'a folder');
  mkdirSync(materials, { recursive: true });
  const kernels = { ...UNKNOWN, [KNOWN]: 'python3' };
  for (const [name, kernel] of Object.entries(kernels)) {
    writeFileSync(join(materials, name), notebook(kernel));
  }
  const modules = Object.keys(kernels).map(
    (name, index) => `
  - id: m${index}
    title: ${name}
    text: A notebook.
    notebook: a folder/${name}
    steps: [{id: s, title: Step, text: Text., cells: [{id: cell-1}], duration: 1}]`
  );
  writeFileSync(
    join(folder, 'named', 'workshop.yaml'),
    `format: 1
id: named
title: Named
summary: Notebooks that name other kernels.
text: Welcome.
source: {kind: bundled, path: files, folder: named}
modules:${modules.join('')}
`
  );
}

let definitions: string;
let lab: JupyterLab;
let panel: Panel;

test.beforeEach(async ({ page }) => {
  definitions = mkdtempSync(join(tmpdir(), 'definitions-'));
  writeWorkshop(definitions);
  lab = await JupyterLab.start({ definitions, workshop: 'named' });
  writeFileSync(join(lab.root, 'Mine.ipynb'), notebook('monai_fix'));
  panel = await Panel.open(page, lab);
  await panel.next.click();
  await expect(panel.step('m0', 's')).toHaveAttribute('data-state', 'ready');
});

test.afterEach(async () => {
  await lab.stop();
  rmSync(definitions, { recursive: true, force: true });
});

/** Open files by double clicks in the file browser, as people do. */
async function open(page: Page, ...path: readonly string[]): Promise<void> {
  const browser = page.locator('#filebrowser');
  if (!(await browser.isVisible())) {
    await page.locator('[data-id="filebrowser"]').click();
  }
  for (const name of path) {
    await browser
      .locator('.jp-DirListing-item', { hasText: name })
      .first()
      .dblclick();
  }
}

/** The kernel that the notebook in front says it has. */
function kernelName(page: Page) {
  return page.locator(
    '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Toolbar-kernelName'
  );
}

test('a notebook that names an unknown kernel opens with the workshop’s, without a question', async ({
  page
}) => {
  await open(page, 'named', 'a folder');
  for (const name of Object.keys(UNKNOWN)) {
    await open(page, name);
    await expect(kernelName(page)).toHaveText('Named');
    const tab = page.locator('.jp-mod-current .lm-TabBar-tabLabel');
    await expect(tab.filter({ hasText: name })).toHaveCount(1);
    // Nothing is written before the attendee saves.
    const file = join(lab.root, 'named', 'a folder', name);
    expect(readFileSync(file, 'utf8')).toBe(notebook(UNKNOWN[name as never]));
  }
  expect(await panel.dialogs()).toEqual([]);
  const sessions = await page.evaluate(async () => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: {
        serviceManager: {
          sessions: {
            refreshRunning(): Promise<void>;
            running(): Iterable<{ kernel: { name: string } }>;
          };
        };
      };
    };
    const { sessions } = jupyterapp.serviceManager;
    await sessions.refreshRunning();
    return [...sessions.running()].map(each => each.kernel.name);
  });
  expect(sessions).toEqual(
    Object.keys(UNKNOWN).map(() => 'monai-workshop-named')
  );
});

test('a kernel that this server has is the attendee’s choice, also in a workshop’s notebook', async ({
  page
}) => {
  await open(page, 'named', 'a folder', KNOWN);
  await expect(kernelName(page)).toHaveText(/^Python 3/);
  expect(await panel.dialogs()).toEqual([]);
});

test('a notebook of somebody else’s is left to JupyterLab', async ({
  page
}) => {
  await open(page, 'Mine.ipynb');
  await expect(page.locator('.jp-Dialog')).toContainText('Select Kernel');
});
