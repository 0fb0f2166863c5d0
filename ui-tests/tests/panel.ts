import { expect, type Locator, type Page } from '@playwright/test';

/** Where a page of JupyterLab is found. */
export interface IPlace {
  /** The page of a fresh workspace. */
  page(workspace: string): string;
}

/** The panel as a person at the screen sees it. */
export class Panel {
  constructor(readonly page: Page) {}

  /** Open JupyterLab with the panel shown, ready for a press of its primary button. */
  static async open(page: Page, lab: IPlace, workspace = 'test') {
    const panel = await Panel.show(page, lab, workspace);
    await expect(panel.next).toBeVisible();
    return panel;
  }

  /** Open JupyterLab with the panel shown, and note every dialog from now on. */
  static async show(page: Page, lab: IPlace, workspace: string) {
    await page.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(window, { dialogsSeen: seen });
      new MutationObserver(changes => {
        for (const change of changes) {
          for (const node of Array.from(change.addedNodes)) {
            if (
              node instanceof HTMLElement &&
              (node.matches('.jp-Dialog') || node.querySelector('.jp-Dialog'))
            ) {
              seen.push(node.textContent ?? '');
            }
          }
        }
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(lab.page(workspace));
    await page.locator('#jp-main-dock-panel').waitFor();
    const panel = new Panel(page);
    if (!(await panel.node.isVisible())) {
      await page.locator('[data-id="jp-monai-workshop"]').click();
    }
    return panel;
  }

  get node(): Locator {
    return this.page.locator('#jp-monai-workshop');
  }

  /** The primary button. */
  get next(): Locator {
    return this.node.locator('[data-action="next"]');
  }

  /** A step's row. */
  step(module: string, step: string): Locator {
    return this.node.locator(`[data-module="${module}"][data-step="${step}"]`);
  }

  /** All rows that are not in `state`. */
  rowsNot(state: string): Locator {
    return this.node.locator(`[data-step]:not([data-state="${state}"])`);
  }

  /** Texts of the dialogs that appeared since the page was loaded. */
  dialogs(): Promise<string[]> {
    return this.page.evaluate(
      () => (window as unknown as { dialogsSeen: string[] }).dialogsSeen
    );
  }

  /** Drag the sidebar's edge until the panel has that width in pixels. */
  async resize(width: number): Promise<void> {
    const stack = this.page.locator('#jp-left-stack');
    // A theme that is still being loaded moves the edge away from the pointer.
    await expect(async () => {
      const box = await stack.boundingBox();
      expect(box).not.toBeNull();
      const y = box!.y + box!.height / 2;
      await this.page.mouse.move(box!.x + box!.width + 1, y);
      await this.page.mouse.down();
      await this.page.mouse.move(box!.x + width + 1, y, { steps: 5 });
      await this.page.mouse.up();
      // A busy machine takes a moment until the panel has followed.
      await expect
        .poll(async () => (await stack.boundingBox())!.width, {
          timeout: 5_000
        })
        .toBeCloseTo(width, -1);
    }).toPass({ timeout: 60_000 });
    await this.page.evaluate(() => getSelection()?.removeAllRanges());
  }

  /**
   * Go to the primary button as who has no mouse: with Tab, from wherever the focus is.
   *
   * @returns How many times Tab was pressed.
   */
  async tabToNext(): Promise<number> {
    for (let presses = 0; presses < 150; presses++) {
      if (await this.hasFocus()) {
        return presses;
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Error('Tab does not lead to the primary button');
  }

  /** Whether the primary button has the focus, and shows that it has. */
  async hasFocus(): Promise<boolean> {
    return await this.next.evaluate(
      button =>
        button === document.activeElement &&
        button.matches(':focus-visible') &&
        parseFloat(getComputedStyle(button).outlineWidth) >= 2
    );
  }

  /** Write pictures of the panel at 250 and 400 px width, light and dark. */
  async picture(name: string): Promise<void> {
    for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
      await this.theme(theme);
      for (const width of [250, 400]) {
        await this.resize(width);
        const word = theme.endsWith('Dark') ? 'dark' : 'light';
        await this.node.screenshot({
          path: `screenshots/${name}-${width}-${word}.png`
        });
      }
    }
    await this.theme('JupyterLab Light');
  }

  /** Show JupyterLab in a theme. */
  async theme(theme: string): Promise<void> {
    await this.page.evaluate(async name => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: {
          commands: { execute(id: string, args: object): Promise<unknown> };
        };
      };
      await jupyterapp.commands.execute('apputils:change-theme', {
        theme: name
      });
    }, theme);
    await this.page
      .locator(`body[data-jp-theme-name="${theme}"]`)
      .waitFor({ state: 'attached' });
  }
}
