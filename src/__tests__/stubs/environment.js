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
      matchMedia: () => ({
        matches: false,
        addEventListener: () => undefined,
        addListener: () => undefined
      }),
      IS_REACT_ACT_ENVIRONMENT: true
    });
  }
}

module.exports = Browser;
