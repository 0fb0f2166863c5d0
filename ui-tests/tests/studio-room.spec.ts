import { expect, test } from '@playwright/test';
import { Panel } from './panel';
import { Studio } from './studio';
import { walk } from './walk';

interface IOutputs {
  cells: { id: string; running: boolean; outputs: { output_type: string }[] }[];
}

let studio: Studio;

test.beforeAll(async () => {
  studio = await Studio.start({ collaboration: true });
});

test.afterAll(async () => {
  await studio.stop();
});

/** The state of each row that a panel shows, in order. */
function states(panel: Panel): Promise<(string | null)[]> {
  return panel.node
    .locator('[data-step]')
    .evaluateAll(rows => rows.map(row => row.getAttribute('data-state')));
}

test('two people in one room see the same states of first-light, and each output once', async ({
  page,
  browser
}) => {
  const { lab, proxy } = studio;
  const panel = await Panel.open(page, lab, 'one');
  const other = await Panel.open(await browser.newPage(), lab, 'two');
  await walk(panel, {
    module: 'classify-2d',
    onPrepared: async () => {
      const open = other.node.getByRole('button', { name: 'Open notebook' });
      await open.first().click();
      await expect(other.page.locator('.jp-NotebookPanel')).toBeVisible();
    },
    onTraining: async () => {
      const running = other.node.locator('[data-state="running"]');
      await expect(running).toContainText(/loss/i);
      await other.page.screenshot({ path: 'screenshots/studio-room.png' });
    },
    onDone: async () => {
      await expect.poll(() => states(other)).toEqual(await states(panel));
    }
  });
  expect(await states(other)).toEqual(await states(panel));

  const { cells } = await lab.ask<IOutputs>(
    'workshops/first-light/outputs/classify-2d'
  );
  const printed = cells.map(({ id, outputs }) => ({
    id,
    outputs: outputs.map(output => output.output_type)
  }));
  for (const each of [panel, other]) {
    await expect.poll(() => outputsIn(each)).toEqual(printed);
    expect(await each.dialogs()).toEqual([]);
  }
  expect(proxy.closed).toBeGreaterThan(3);
});

/** The kinds of outputs of each code cell that has some, as a page has them. */
function outputsIn(panel: Panel) {
  return panel.page.evaluate(() => {
    interface ICell {
      id: string;
      type: string;
      outputs?: { toJSON(): { output_type: string }[] };
    }
    const { jupyterapp } = window as unknown as {
      jupyterapp: {
        shell: {
          widgets(area: string): Iterable<{
            content?: { model?: { cells?: Iterable<ICell> } };
          }>;
        };
      };
    };
    return [...jupyterapp.shell.widgets('main')]
      .flatMap(widget => [...(widget.content?.model?.cells ?? [])])
      .filter(cell => cell.type === 'code' && cell.outputs!.toJSON().length > 0)
      .map(cell => ({
        id: cell.id,
        outputs: cell.outputs!.toJSON().map(output => output.output_type)
      }));
  });
}
