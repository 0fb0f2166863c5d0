import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { type IPresence, writer } from '../core/room';

/** The field of the awareness state in which pages with this extension find each other. */
const FIELD = 'monaiWorkshop';

/**
 * Who else has a notebook open, with collaboration on, and who of them writes.
 *
 * Without collaboration every page has a notebook of its own and writes into that.
 */
export class NotebookRoom implements IDisposable {
  /**
   * @param context - The notebook.
   */
  constructor(private readonly context: NotebookPanel['context']) {
    window.addEventListener('pagehide', this.onLeave);
  }

  /** Whether the page has left. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether others may have the same notebook open. */
  get isShared(): boolean {
    return this.context.model?.collaborative ?? false;
  }

  /** Tell the others which connection to the kernel is this page's. */
  present(kernel: string | null): void {
    if (this.isShared && !this._isDisposed) {
      const state = this.awareness.getLocalState();
      if (state !== null && presence(state)?.kernel !== kernel) {
        this.awareness.setLocalStateField(FIELD, { kernel });
      }
    }
  }

  /** Whether it is this page that writes what a run printed. */
  writes(requester: string): boolean {
    if (!this.isShared) {
      return true;
    }
    const room = new Map<number, IPresence>();
    this.awareness.getStates().forEach((state, number) => {
      const found = presence(state);
      if (found) {
        room.set(number, found);
      }
    });
    return writer(room, requester) === this.awareness.clientID;
  }

  /** Leave: others may write from now on. */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      window.removeEventListener('pagehide', this.onLeave);
    }
  }

  private get awareness(): IAwareness {
    return this.context.model.sharedModel.awareness;
  }

  private readonly onLeave = (): void => {
    if (this.isShared && this.awareness.getLocalState() !== null) {
      this.awareness.setLocalStateField(FIELD, null);
    }
  };

  private _isDisposed = false;
}

/** What of the awareness protocol is used. */
interface IAwareness {
  readonly clientID: number;
  getStates(): Map<number, Record<string, unknown>>;
  getLocalState(): Record<string, unknown> | null;
  setLocalStateField(field: string, value: unknown): void;
}

function presence(state: Record<string, unknown>): IPresence | null {
  const found = state[FIELD];
  return typeof found === 'object' ? (found as IPresence | null) : null;
}
