import {
  type INotebookTracker,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import type { ServiceManager } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { type IGivenModule, moduleAt } from '../core/giveback';
import type { IWorkshop } from '../tokens';
import { Giver } from './giver';
import { connections } from './kernels';

/**
 * Gives open notebooks the outputs that came while no page was there to take them.
 */
export class GiveBack implements IDisposable {
  /**
   * @param workshop - The workshop shown, and the others on offer.
   * @param tracker - The notebooks that are open.
   * @param services - Their files and kernels.
   */
  constructor(
    private readonly workshop: IWorkshop,
    private readonly tracker: INotebookTracker,
    private readonly services: ServiceManager.IManager
  ) {
    tracker.forEach(panel => this.onOpened(tracker, panel));
    tracker.widgetAdded.connect(this.onOpened, this);
    workshop.changed.connect(this.onChanged, this);
  }

  /** Whether nothing is given back any more. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Give nothing back any more. */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._givers.forEach(giver => giver.dispose());
      Signal.clearData(this);
    }
  }

  private onOpened(_: unknown, { context }: NotebookPanel): void {
    context.ready.then(() => this.watch(context)).catch(console.warn);
  }

  private async watch(context: NotebookPanel['context']): Promise<void> {
    if (this._isDisposed || context.isDisposed || this._givers.has(context)) {
      return;
    }
    const giver = new Giver({
      context,
      views: () => this.tracker.filter(each => each.context === context),
      module: () => this.module(context),
      read: ({ workshop, id }) => this.workshop.readOutputs(workshop, id),
      contents: this.services.contents,
      connections: () => connections(this.services, context.sessionContext),
      scheduled: NotebookActions.executionScheduled
    });
    this._givers.set(context, giver);
    context.disposed.connect(() => {
      this._givers.delete(context);
      giver.dispose();
    });
    if (this.workshop.state.snapshot === null) {
      await this.workshop.refresh();
    }
    giver.look();
  }

  private onChanged(): void {
    const server = this.workshop.state.snapshot?.server ?? '';
    this._givers.forEach(giver => giver.onSnapshot(server));
  }

  private module(context: NotebookPanel['context']): IGivenModule | null {
    const path = this.services.contents.localPath(context.path);
    return moduleAt(path, this.workshop.state);
  }

  private _isDisposed = false;
  private readonly _givers = new Map<NotebookPanel['context'], Giver>();
}
