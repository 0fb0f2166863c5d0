import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { type IPresence, writer } from '../core/room';

/** The field of the awareness state in which pages with this extension find each other. */
const FIELD = 'monaiWorkshop';
/** Those who join within so many milliseconds get one answer. */
const GATHERED = 100;

/**
 * Who else has a notebook open, with collaboration on, and who of them writes.
 *
 * The server tells a page that joins nothing of those that are there: each of them has to
 * say so itself. Left alone they do every fifteen seconds, and until then two would write.
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
      this.listen();
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
      this._awareness?.off('change', this.onChange);
      window.clearTimeout(this._answer ?? undefined);
    }
  }

  private listen(): void {
    if (this._awareness !== this.awareness) {
      this._awareness?.off('change', this.onChange);
      this._awareness = this.awareness;
      this._awareness.on('change', this.onChange);
    }
  }

  private get awareness(): IAwareness {
    return this.context.model.sharedModel.awareness;
  }

  /** Tell those who joined that this page is here. */
  private readonly onChange = ({ added }: IAwarenessChange): void => {
    const { clientID } = this.awareness;
    if (this._answer === null && added.some(number => number !== clientID)) {
      this._answer = window.setTimeout(this.answer, GATHERED);
    }
  };

  private readonly answer = (): void => {
    this._answer = null;
    const state = this.awareness.getLocalState();
    const known = state && presence(state);
    if (known) {
      this.awareness.setLocalStateField(FIELD, known);
    }
  };

  private readonly onLeave = (): void => {
    if (this.isShared && this.awareness.getLocalState() !== null) {
      this.awareness.setLocalStateField(FIELD, null);
    }
  };

  private _isDisposed = false;
  private _awareness: IAwareness | null = null;
  private _answer: number | null = null;
}

/** What of the awareness protocol is used. */
interface IAwareness {
  readonly clientID: number;
  getStates(): Map<number, Record<string, unknown>>;
  getLocalState(): Record<string, unknown> | null;
  setLocalStateField(field: string, value: unknown): void;
  on(event: 'change', listener: (change: IAwarenessChange) => void): void;
  off(event: 'change', listener: (change: IAwarenessChange) => void): void;
}

/** Whose states came, by their numbers. */
interface IAwarenessChange {
  readonly added: readonly number[];
}

function presence(state: Record<string, unknown>): IPresence | null {
  const found = state[FIELD];
  return typeof found === 'object' ? (found as IPresence | null) : null;
}
