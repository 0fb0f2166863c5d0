import { Panel, Widget } from '@lumino/widgets';
import { PANEL_ID } from '../tokens';
import { workshopIcon } from './icon';

/**
 * The extension's place in the left area. Its body is loaded when it is first shown, so
 * that JupyterLab starts as fast as without the extension.
 */
export class Sidebar extends Panel {
  /**
   * @param options - Its words and its body.
   */
  constructor(private readonly options: Sidebar.IOptions) {
    super();
    this.id = PANEL_ID;
    this.addClass('jp-MonaiWorkshop');
    this.title.caption = options.title;
    this.title.icon = workshopIcon;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', options.title);
    this._placeholder.addClass('jp-MonaiWorkshop-placeholder');
    this.addWidget(this._placeholder);
  }

  protected override onAfterShow(): void {
    void this.fill();
  }

  protected override onAfterAttach(): void {
    if (this.isVisible) {
      void this.fill();
    }
  }

  private async fill(): Promise<void> {
    if (this._filling) {
      return;
    }
    this._filling = true;
    this._placeholder.node.textContent = this.options.loading;
    try {
      this.addWidget(await this.options.load());
      this._placeholder.dispose();
    } catch (reason) {
      console.error('The workshop panel could not be loaded', reason);
      this._placeholder.node.textContent = this.options.failed;
      // A network that is back deserves another try when the panel is shown again.
      this._filling = false;
    }
  }

  private _filling = false;
  private readonly _placeholder = new Widget();
}

/** The namespace of {@link Sidebar}. */
export namespace Sidebar {
  /** The words and the body of a {@link Sidebar}. */
  export interface IOptions {
    /** What the tab says when pointed at. */
    readonly title: string;
    /** Shown until the body is there. */
    readonly loading: string;
    /** Shown when the body does not come. */
    readonly failed: string;
    /** Makes the body. */
    readonly load: () => Promise<Widget>;
  }
}
