const { TestEnvironment } = require('jest-environment-jsdom');

/** jsdom with what it leaves out of a browser. */
class Browser extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, {
      fetch,
      Headers,
      Request,
      Response,
      DragEvent: class DragEvent extends this.global.Event {},
      Path2D: class Path2D {
        constructor() {
          return new Proxy(this, { get: () => () => undefined });
        }
      },
      ResizeObserver: class ResizeObserver {
        observe() {}
        disconnect() {}
      },
      matchMedia: () => ({
        matches: false,
        addEventListener: () => undefined,
        addListener: () => undefined
      }),
      IS_REACT_ACT_ENVIRONMENT: true
    });
    this.global.HTMLCanvasElement.prototype.getContext = function () {
      this.context ??= drawing();
      return this.context;
    };
  }
}

/**
 * A canvas to draw on that remembers in `strokes` each colour in which a line was drawn,
 * and in `texts` each text.
 */
function drawing() {
  const kept = { strokes: [], texts: [] };
  const calls = {
    stroke: () => kept.strokes.push(kept.strokeStyle),
    fillText: text => kept.texts.push(text),
    measureText: text => ({ width: 6 * text.length })
  };
  return new Proxy(kept, {
    get: (_, name) => kept[name] ?? calls[name] ?? (() => undefined),
    set: (_, name, value) => {
      kept[name] = value;
      return true;
    }
  });
}

module.exports = Browser;
