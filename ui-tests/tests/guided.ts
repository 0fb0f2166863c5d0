import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  test as base,
  expect,
  type Locator,
  type Page
} from '@playwright/test';
import { JupyterLab } from './jupyterlab';
import { type IPlace, Panel } from './panel';
import { Studio } from './studio';

/** The fewest lines that the cell prints which stands for a training. */
export const LINES = 12;

/**
 * A cell that trains nothing, but prints as if it did: on and on, until a test lets it
 * end.
 */
function training(module: string): string {
  return `import os, time
lines = ${LINES}
runs = globals().get('runs', 0) + 1
step = 0
print('process', os.getpid(), flush=True)
while step < lines or not os.path.exists('let ${module} end'):
    step += 1
    print(f'run {runs} step {step} loss: {1 / step:.4f}', flush=True)
    time.sleep(0.1)
print('finished')`;
}

/** What a step's row and the snapshot say of a workshop. */
export interface ISnapshot {
  preparation: { name: string; state: string }[];
  modules: IModule[];
}

/** What the snapshot says of one notebook. */
export interface IModule {
  id: string;
  steps: {
    id: string;
    state: string;
    failure: { code: string } | null;
    training: { curves: { name: string; x: number[]; y: number[] }[] } | null;
  }[];
}

/** The notebooks with a training: each test has one of its own. */
const LESSONS = [
  'reload',
  'closed',
  'cleared',
  'by-hand',
  'killed',
  'stopped',
  'newer',
  'corrected',
  'chosen',
  'chosen-closed',
  'two-pages',
  'left',
  'unanswered',
  'swallowed'
];

/** A workshop that needs nothing but a kernel. */
export function writeWorkshop(definitions: string): void {
  const folder = join(definitions, 'guided');
  const files = join(folder, 'files');
  mkdirSync(files, { recursive: true });
  for (const lesson of LESSONS) {
    writeNotebook(join(files, `${lesson}.ipynb`), [
      ['train', training(lesson)],
      ['look', "answer = 42\nprint('answer', answer)"]
    ]);
  }
  writeNotebook(join(files, 'exercise.ipynb'), [
    ['before', "print('before')"],
    ['fill', 'shape = ???\nprint(shape)'],
    ['after', "print('after')"]
  ]);
  writeFileSync(
    join(folder, 'workshop.yaml'),
    `format: 1
id: guided
title: Guided
summary: A workshop that needs nothing but a kernel.
text: Welcome.
source: {kind: bundled, path: files, folder: guided}
profiles:
  - id: quick
    title: Quick
    text: Everything is shorter.
    modules:
      chosen: {parameters: {lines: 6}}
      chosen-closed: {parameters: {lines: 6}}
modules:${LESSONS.map(lesson).join('')}
  - id: exercise
    title: The exercise
    text: A notebook with something to do.
    notebook: exercise.ipynb
    steps:
      - {id: before, title: Before, text: Comes first., cells: [{id: before}], duration: 1}
      - id: fill
        title: Fill in
        text: Write what is missing.
        cells: [{id: fill}]
        duration: 1
        solve: [{cell: {id: fill}, source: "shape = (2, 3)\\nprint(shape)", hint: A pair of numbers.}]
      - {id: after, title: After, text: Comes last., cells: [{id: after}], duration: 1}
`
  );
}

function lesson(id: string): string {
  return `
  - id: ${id}
    title: The lesson ${id}
    text: A notebook.
    notebook: ${id}.ipynb
    patches:
      - kind: ensure_line
        id: corrected
        cell: {id: look}
        line: "print('corrected')"
        why: It says so.
    parameters:
      - id: lines
        variable: lines
        title: Lines
        cell: {id: train}
        choices: [{value: 6}, {value: 9}, {value: ${LINES}}]
    steps:
      - id: train
        title: Train
        text: Prints lines.
        cells: [{id: train}]
        duration: 6
        training:
          patterns: ['^run \\d+ step (?P<step>\\d+) loss: (?P<loss>[\\d.]+)$']
          metrics: {loss: {title: Loss, better: lower}}
      - id: look
        title: Look
        text: Sets an answer.
        cells: [{id: look}]
        duration: 1
        check: {expressions: ["answer == 42"]}`;
}

function writeNotebook(path: string, cells: [string, string][]): void {
  const notebook = {
    cells: cells.map(([id, source]) => ({
      cell_type: 'code',
      execution_count: null,
      id,
      metadata: {},
      outputs: [],
      source: source.split(/(?<=\n)/)
    })),
    metadata: {
      kernelspec: {
        display_name: 'Elsewhere',
        language: 'python',
        name: 'elsewhere'
      },
      language_info: { name: 'python' }
    },
    nbformat: 4,
    nbformat_minor: 5
  };
  writeFileSync(path, JSON.stringify(notebook, null, 1) + '\n');
}

/** Let the training of a module come to its end. */
export function letEnd(lab: { root: string }, module: string): void {
  writeFileSync(join(lab.root, 'guided', `let ${module} end`), '');
}

/** What the server says of a module. */
export async function moduleOf(
  lab: Pick<JupyterLab, 'ask'>,
  id: string
): Promise<IModule> {
  const { modules } = await lab.ask<ISnapshot>('workshops/guided');
  return modules.find(each => each.id === id)!;
}

let workspaces = 0;

/** A page with the panel, on the workshop of {@link writeWorkshop}. */
export class Guide extends Panel {
  constructor(
    page: Page,
    private readonly lab: IPlace
  ) {
    super(page);
  }

  /** Open JupyterLab in a workspace of its own. */
  static async at(page: Page, lab: IPlace): Promise<Guide> {
    await Panel.open(page, lab, `guided-${++workspaces}`);
    return new Guide(page, lab);
  }

  /** Execute one of the extension's commands. */
  async command(id: string, args: object = {}): Promise<void> {
    await this.page.evaluate(
      async ([name, given]) => {
        const { jupyterapp } = window as unknown as {
          jupyterapp: {
            commands: { execute(id: string, args: object): Promise<unknown> };
          };
        };
        await jupyterapp.commands.execute(name, given);
      },
      [`monai-workshop:${id}`, args] as const
    );
  }

  /** Execute a command and do not wait for its end. */
  begin(id: string, args: object = {}): void {
    this.command(id, args).catch(() => {
      // The page was left before the command came to its end.
    });
  }

  /** Choose something from one of JupyterLab's menus. */
  async menu(name: string, item: string): Promise<void> {
    await this.page.getByRole('menuitem', { name, exact: true }).click();
    await this.page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  /** A code cell of the notebook that is shown. */
  cell(at: number): Locator {
    return this.page.locator('.jp-NotebookPanel:visible .jp-CodeCell').nth(at);
  }

  /** The lines that a code cell shows below itself. */
  async lines(at: number): Promise<string[]> {
    const outputs = this.cell(at).locator('.jp-OutputArea-output');
    const texts = await outputs.allInnerTexts();
    return texts
      .join('')
      .split('\n')
      .filter(line => line !== '');
  }

  /** Wait until a code cell shows so many lines. */
  async shows(at: number, lines: number): Promise<void> {
    await expect
      .poll(async () => (await this.lines(at)).length)
      .toBeGreaterThanOrEqual(lines);
  }

  /** Load the page again, with the notebooks that were open. */
  async reload(): Promise<void> {
    // JupyterLab writes down what is open a moment after it changed.
    await this.page.waitForTimeout(1500);
    const [, workspace] = /workspaces\/([^/?]+)/.exec(this.page.url())!;
    await this.page.goto(this.lab.page(workspace!).replace(/[?&]reset$/, ''));
    await expect(this.next).toBeVisible();
    await expect(this.cell(0)).toBeVisible();
  }

  /** The step's state, once it is that. */
  async becomes(
    module: string,
    step: string,
    state: string,
    timeout = 30_000
  ): Promise<void> {
    const row = this.step(module, step);
    await expect(row).toHaveAttribute('data-state', state, { timeout });
  }
}

/** Expect a whole run of the training: every line, in order, each once. */
export function expectWholeRun(lines: string[], run = 1): void {
  const printed = lines.map(line => line.replace(/(?<=loss:|process) .*/, ''));
  const steps = lines.length - 2;
  expect(steps).toBeGreaterThanOrEqual(LINES);
  expect(printed).toEqual([
    'process',
    ...Array.from(
      { length: steps },
      (_, i) => `run ${run} step ${i + 1} loss:`
    ),
    'finished'
  ]);
}

/**
 * A notebook file as it lies on the disk.
 *
 * Jupyter writes it in place, so a look may meet half of it and looks again.
 */
export function readNotebook(lab: JupyterLab, name: string): INotebook {
  const file = join(lab.root, 'guided', `${name}.ipynb`);
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (let look = 1; ; look++) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as INotebook;
    } catch (reason) {
      if (look === 100) {
        throw reason;
      }
      Atomics.wait(nobody, 0, 0, 20);
    }
  }
}

/** What of a notebook file the tests look at. */
export interface INotebook {
  cells: {
    id: string;
    source: string | string[];
    execution_count?: number | null;
    outputs?: { text?: string | string[] }[];
  }[];
}

/** A cell's source in the notebook file. */
export function sourceOnDisk(
  lab: JupyterLab,
  name: string,
  id: string
): string {
  const cell = readNotebook(lab, name).cells.find(each => each.id === id);
  return [cell?.source ?? ''].flat().join('');
}

/** The lines that a cell has as its outputs in the notebook file. */
export function linesOnDisk(
  lab: JupyterLab,
  name: string,
  id: string
): string[] {
  const cell = readNotebook(lab, name).cells.find(each => each.id === id);
  const text = (cell?.outputs ?? []).map(each =>
    [each.text ?? ''].flat().join('')
  );
  return text
    .join('')
    .split('\n')
    .filter(line => line !== '');
}

/** What a project of the suite may choose. */
export interface IOptions {
  /** Whether several people can edit the same notebook at once. */
  collaboration: boolean;
  /** Whether the server is one as in SageMaker Studio, behind a reverse proxy. */
  asInStudio: boolean;
}

interface IServers {
  /** The folder with the workshop's definition. */
  definitions: string;
  /** The space where the server runs, if it is one as in Studio. */
  studio: Studio | null;
  lab: JupyterLab;
}

interface IFixtures {
  guide: Guide;
}

/** Tests on a server on which everything is ready. */
export const test = base.extend<IFixtures, IOptions & IServers>({
  collaboration: [false, { option: true, scope: 'worker' }],
  asInStudio: [false, { option: true, scope: 'worker' }],
  definitions: [
    async ({}, use) => {
      const definitions = mkdtempSync(join(tmpdir(), 'definitions-'));
      writeWorkshop(definitions);
      await use(definitions);
      rmSync(definitions, { recursive: true, force: true });
    },
    { scope: 'worker' }
  ],
  studio: [
    async ({ asInStudio, definitions, collaboration }, use) => {
      const options = { definitions, workshop: 'guided', collaboration };
      const studio = asInStudio ? await Studio.start(options) : null;
      await use(studio);
      await studio?.stop();
    },
    { scope: 'worker', timeout: 300_000 }
  ],
  lab: [
    async ({ studio, definitions, collaboration }, use) => {
      const options = { definitions, workshop: 'guided', collaboration };
      const lab = studio?.lab ?? (await JupyterLab.start(options));
      await lab.prepare('guided');
      await use(lab);
      if (!studio) {
        await lab.stop();
      }
    },
    { scope: 'worker', timeout: 300_000 }
  ],
  guide: async ({ page, lab }, use) => {
    await use(await Guide.at(page, lab));
  }
});
