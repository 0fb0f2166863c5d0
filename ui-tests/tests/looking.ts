import type { Locator, Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';

/** What axe-core is asked: WCAG 2.2 up to AA, and good practice. */
const ASKED: RunOptions = {
  runOnly: [
    'wcag2a',
    'wcag2aa',
    'wcag21a',
    'wcag21aa',
    'wcag22aa',
    'best-practice'
  ],
  // Not yet among what axe-core runs by itself.
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations']
};

/** Load axe-core into the page. */
export async function loadAxe(page: Page): Promise<void> {
  await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
  // JupyterLab's body has no height: axe-core would take all text in it for hidden.
  await page.addStyleTag({ content: 'body { height: 100vh; }' });
}

/** What of it depends on the theme. */
const COLOURS: RunOptions = {
  runOnly: { type: 'rule', values: ['color-contrast'] }
};

/**
 * What axe-core has to say against an element, a line each.
 *
 * @param colours - Whether to look at nothing but colours.
 */
export async function violations(
  node: Locator,
  colours = false
): Promise<string[]> {
  const { passes, violations } = await node.evaluate(
    (element, asked) => {
      const { axe } = window as unknown as {
        axe: { run(node: Element, options: RunOptions): Promise<AxeResults> };
      };
      return axe.run(element, asked);
    },
    colours ? COLOURS : ASKED
  );
  const looked = [...passes, ...violations].map(({ id }) => id);
  if (!looked.includes('color-contrast')) {
    return ['the contrast of the text was not looked at'];
  }
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      each => `${id}: ${each.html.slice(0, 200)} ${each.failureSummary ?? ''}`
    )
  );
}

/** Open everything in the panel that can be opened, but for the other workshops. */
export async function openAll(node: Locator): Promise<void> {
  await node.evaluate(async element => {
    for (let depth = 0; depth < 4; depth++) {
      const closed = element.querySelectorAll<HTMLElement>(
        'button[aria-expanded="false"]:not([data-action="switch"])'
      );
      closed.forEach(button => button.click());
      await new Promise(requestAnimationFrame);
    }
  });
}

/**
 * What of an element cannot be read: letters outside of it, outside of their button, or
 * on top of each other; and whether it would have to be scrolled sideways.
 */
export function unreadable(node: Locator): Promise<string[]> {
  return node.evaluate(element => {
    const found: string[] = [];
    const panel = element.getBoundingClientRect();
    const lines: { words: string; box: DOMRect; of: Node }[] = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let of = walker.nextNode(); of !== null; of = walker.nextNode()) {
      const parent = of.parentElement!;
      const words = of.textContent!.trim().slice(0, 60);
      // What is said to screen readers only, or may be scrolled or cut on purpose.
      if (
        words === '' ||
        !parent.checkVisibility() ||
        parent.closest(
          '.jp-MonaiWorkshop-hidden, .jp-MonaiWorkshop-ellipsis, pre, select, .u-over'
        )
      ) {
        continue;
      }
      const range = document.createRange();
      range.selectNodeContents(of);
      const seen = parent
        .closest('.jp-MonaiWorkshop-top, .jp-MonaiWorkshop-scroll')
        ?.getBoundingClientRect();
      for (const box of range.getClientRects()) {
        // Whoever scrolls comes to it.
        const away = seen && (box.top < seen.top || box.bottom > seen.bottom);
        if (box.width < 1 || away) {
          continue;
        }
        if (box.left < panel.left - 1 || box.right > panel.right + 1) {
          found.push(`outside: ${words}`);
        }
        const button = parent.closest('button')?.getBoundingClientRect();
        if (
          button &&
          (box.right > button.right + 1 || box.bottom > button.bottom + 3)
        ) {
          found.push(`outside of its button: ${words}`);
        }
        lines.push({ words, box, of });
      }
    }
    lines.forEach((one, index) => {
      for (const other of lines.slice(index + 1)) {
        const wide =
          Math.min(one.box.right, other.box.right) -
          Math.max(one.box.left, other.box.left);
        const high =
          Math.min(one.box.bottom, other.box.bottom) -
          Math.max(one.box.top, other.box.top);
        if (one.of !== other.of && wide > 2 && high > 4) {
          found.push(`on top of each other: ${one.words} / ${other.words}`);
        }
      }
    });
    for (const each of [element, ...element.querySelectorAll('*')]) {
      const { overflowX } = getComputedStyle(each);
      if (
        each.scrollWidth > each.clientWidth + 1 &&
        each.clientWidth > 0 &&
        (overflowX === 'auto' || overflowX === 'scroll') &&
        !each.matches('pre')
      ) {
        const { right } = each.getBoundingClientRect();
        const wide = [...each.querySelectorAll('*')].filter(
          inner => inner.getBoundingClientRect().right > right
        );
        const names = wide.map(inner => inner.getAttribute('class'));
        found.push(`scrolls sideways: ${names.join(', ')}`);
      }
    }
    return found;
  });
}

/** Marks that are hard to see on what is behind them: less than three to one. */
export function faintMarks(node: Locator): Promise<string[]> {
  return node.evaluate(element => {
    const canvas = document.createElement('canvas');
    const brush = canvas.getContext('2d', { willReadFrequently: true })!;
    /** The relative luminance of a colour, as WCAG defines it. */
    const luminance = (...layers: string[]) => {
      brush.clearRect(0, 0, 1, 1);
      for (const layer of layers) {
        brush.fillStyle = layer;
        brush.fillRect(0, 0, 1, 1);
      }
      const [red, green, blue] = Array.from(
        brush.getImageData(0, 0, 1, 1).data
      ).map(value => {
        const share = value / 255;
        return share <= 0.04045
          ? share / 12.92
          : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    };
    const found: string[] = [];
    for (const mark of element.querySelectorAll('.jp-MonaiWorkshop-mark')) {
      const behind: string[] = [];
      for (
        let each: Element | null = mark;
        each !== null;
        each = each.parentElement
      ) {
        behind.unshift(getComputedStyle(each).backgroundColor);
      }
      const ground = luminance(...behind);
      const drawn = luminance(...behind, getComputedStyle(mark).color);
      const [dark, light] = [ground, drawn].sort((a, b) => a - b);
      const ratio = (light! + 0.05) / (dark! + 0.05);
      if (mark.checkVisibility() && ratio < 3) {
        found.push(`${mark.className}: ${ratio.toFixed(2)}`);
      }
    }
    return found;
  });
}
