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
import { Panel } from './panel';

/** How many lines the cell that stands for a training prints, and how fast. */
export const LINES = 40;
const SECONDS = 0.15;

/** A cell that trains nothing, but prints as if it did. */
const TRAIN = `import os, time
lines = ${LINES}
runs = globals().get('runs', 0) + 1
print('process', os.getpid(), flush=True)
for i in range(lines):
    print(f'run {runs} step {i + 1}/{lines} loss: {1 / (i + 1):.4f}', flush=True)
    time.sleep(${SECONDS})
print('finished')`;

/** What a step's row and the snapshot say of a workshop. */
export interface ISnapshot {
  modules: {
    id: string;
    kernel: string;
    steps: {
      id: string;
      state: string;
      training: { curves: { name: string; x: number[]; y: number[] }[] } | null;
      parameters: { id: string; value: unknown }[];
      exercises: { open: boolean }[];
    }[];
  }[];
}

/** Two notebooks that need nothing but a kernel: one trains, one has an exercise. */
function writeWorkshop(definitions: string): void {
  const folder = join(definitions, 'guided');
  const files = join(folder, 'files');
  mkdirSync(files, { recursive: true });
  writeNotebook(join(files, 'Lesson.ipynb'), [
    ['train', TRAIN],
    ['look', "answer = 42\nprint('answer', answer)"]
  ]);
  writeNotebook(join(files, 'Exercise.ipynb'), [
    ['before', "print('before')"],
    ['fill', 'shape = ???\nprint(shape)'],
    ['after', "word = 'long'\nprint(word)"]
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
      lesson: {parameters: {lines: 10}}
      exercise: {parameters: {word: short}}
modules:
  - id: lesson
    title: The lesson
    text: A notebook.
    notebook: Lesson.ipynb
    patches:
      - {kind: ensure_line, id: corrected, cell: {id: look}, line: "print('corrected')", why: It says so.}
    parameters:
      - {id: lines, variable: lines, title: Lines, cell: {id: train}, choices: [{value: 10}, {value: ${LINES}}]}
    steps:
      - id: train
        title: Train
        text: Prints lines.
        cells: [{id: train}]
        duration: 6
        training:
          patterns: ['^run \\d+ step (?P<step>\\d+)/(?P<steps>\\d+) loss: (?P<loss>[\\d.]+)$']
          metrics: {loss: {title: Loss, better: lower}}
      - id: look
        title: Look
        text: Sets an answer.
        cells: [{id: look}]
        duration: 1
        check: {expressions: ["answer == 42"]}
  - id: exercise
    title: The exercise
    text: A notebook with something to do.
    notebook: Exercise.ipynb
    parameters:
      - {id: word, variable: word, title: Word, cell: {id: after}, choices: [{value: long}, {value: short}]}
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

function writeNotebook(path: string, cells: [string, string][]): void {
  const notebook = {
    cells: cells.flatMap(([id, source]) => [
      {
        cell_type: 'markdown',
        id: `about-${id}`,
        metadata: {},
        source: [`## About ${id}`]
      },
      {
        cell_type: 'code',
        execution_count: null,
        id,
        metadata: {},
        outputs: [],
        source: source.split(/(?<=\n)/)
      }
    ]),
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

/** A page with the panel, on the workshop of {@link writeWorkshop}. */
export class Guide extends Panel {
  constructor(
    page: Page,
    private readonly lab: JupyterLab
  ) {
    super(page);
  }

  /** Open JupyterLab in a workspace of its own. */
  static async at(
    page: Page,
    lab: JupyterLab,
    workspace: string
  ): Promise<Guide> {
    await Panel.open(page, lab, workspace);
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

  /** Get everything ready. */
  async prepare(): Promise<void> {
    await this.next.click();
    await expect(this.step('lesson', 'train')).toHaveAttribute(
      'data-state',
      'ready',
      {
        timeout: 120_000
      }
    );
    await expect(this.next).toBeEnabled();
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
    await this.page.goto(
      this.lab
        .page('')
        .replace('workspaces/', `workspaces/${await this.workspace()}`)
        .replace('&reset', '')
    );
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

  private async workspace(): Promise<string> {
    return /workspaces\/([^/?]+)/.exec(this.page.url())![1]!;
  }
}

/** What every line of the training's cell is, for the given run in its kernel. */
export function trainLines(run = 1): RegExp[] {
  const steps = Array.from({ length: LINES }, (_, i) => {
    return new RegExp(`^run ${run} step ${i + 1}/${LINES} loss: [0-9.]+$`);
  });
  return [/^process \d+$/, ...steps, /^finished$/];
}

/** Expect these very lines, in order, each once. */
export function expectLines(lines: string[], expected: RegExp[]): void {
  expect(lines.map((line, at) => expected[at]?.test(line) ?? line)).toEqual(
    expected.map(() => true)
  );
}

/** A notebook file as it lies on the disk. */
export function readNotebook(lab: JupyterLab, name: string): INotebook {
  return JSON.parse(
    readFileSync(join(lab.root, 'guided', name), 'utf8')
  ) as INotebook;
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
}

interface IFixtures {
  lab: JupyterLab;
  guide: Guide;
}

/** Tests with a server of their own, on which everything is ready. */
export const test = base.extend<IFixtures, IOptions>({
  collaboration: [false, { option: true, scope: 'worker' }],
  lab: async ({ collaboration }, use) => {
    const definitions = mkdtempSync(join(tmpdir(), 'definitions-'));
    writeWorkshop(definitions);
    const lab = await JupyterLab.start({
      definitions,
      workshop: 'guided',
      collaboration
    });
    await use(lab);
    await lab.stop();
    rmSync(definitions, { recursive: true, force: true });
  },
  guide: async ({ page, lab }, use) => {
    const guide = await Guide.at(page, lab, 'first');
    await guide.prepare();
    await use(guide);
  }
});
