import type { IDisposable } from '@lumino/disposable';

/** The shortest time between two reads, in milliseconds: four a second. */
const GAP = 250;
/** How long silence is trusted while something runs, in milliseconds. */
const SILENCE_BUSY = 5000;
/**
 * How long silence is trusted otherwise, in milliseconds: as long as JupyterLab trusts
 * that of its own lists. A proxy may close the socket of the events again and again, and
 * JupyterLab then takes longer and longer to open it.
 */
const SILENCE_IDLE = 10_000;

/**
 * Decides when to read again.
 *
 * Wishes that come while a read is under way become one more read after it, and reads
 * keep a distance from each other. Pushes can be lost with the socket that brings them,
 * so silence leads to a read too: soon while something runs, seldom otherwise, never in
 * a hidden window. A window that becomes visible or comes back online reads at once.
 */
export class Follower implements IDisposable {
  /**
   * @param read - Reads and applies what was read; may reject.
   * @param isBusy - Whether something runs, so that news should come soon.
   */
  constructor(
    private readonly read: () => Promise<void>,
    private readonly isBusy: () => boolean
  ) {
    document.addEventListener('visibilitychange', this.onVisible);
    window.addEventListener('online', this.onVisible);
    this.listen();
  }

  /** Whether no more reads will happen. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Ask for a read soon. */
  want(): void {
    if (this._isDisposed || this._timer !== null) {
      return;
    }
    if (this._reading) {
      this._again = true;
      return;
    }
    const wait = Math.max(this._lastRead + GAP - performance.now(), 0);
    this._timer = setTimeout(() => {
      this._timer = null;
      void this.now();
    }, wait);
  }

  /** Stop reading. */
  dispose(): void {
    this._isDisposed = true;
    document.removeEventListener('visibilitychange', this.onVisible);
    window.removeEventListener('online', this.onVisible);
    clearTimeout(this._timer ?? undefined);
    clearTimeout(this._silence ?? undefined);
  }

  private async now(): Promise<void> {
    this._reading = true;
    this._lastRead = performance.now();
    try {
      await this.read();
    } catch {
      // The reader shows its own failures; here only the next try counts.
    } finally {
      this._reading = false;
      this.listen();
      if (this._again) {
        this._again = false;
        this.want();
      }
    }
  }

  /** Start counting silence from now. */
  private listen(): void {
    clearTimeout(this._silence ?? undefined);
    if (this._isDisposed) {
      return;
    }
    const patience = this.isBusy() ? SILENCE_BUSY : SILENCE_IDLE;
    this._silence = setTimeout(() => {
      if (document.visibilityState === 'hidden') {
        this.listen();
      } else {
        this.want();
      }
    }, patience);
  }

  private readonly onVisible = (): void => {
    if (document.visibilityState !== 'hidden') {
      this.want();
    }
  };

  private _isDisposed = false;
  private _reading = false;
  private _again = false;
  private _lastRead = -GAP;
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private _silence: ReturnType<typeof setTimeout> | null = null;
}
