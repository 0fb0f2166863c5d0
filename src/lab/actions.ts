import { primary } from '../core/primary';
import type { ModuleView, Snapshot } from '../core/snapshot';
import { findStep, runningJobs } from '../core/steps';
import { clientFailure, WorkshopFailure } from '../core/failure';
import type { IWorkshop } from '../tokens';
import type { Notebooks } from './notebooks';

/**
 * What an attendee can do, each once for buttons, commands and tools.
 */
export class Actions {
  /**
   * @param workshop - The workshop shown.
   * @param notebooks - Its notebooks.
   */
  constructor(
    private readonly workshop: IWorkshop,
    private readonly notebooks: Notebooks
  ) {}

  /** Do what the primary button offers. */
  async next(): Promise<void> {
    const snapshot = await this.snapshot();
    if (!snapshot) {
      return;
    }
    const offer = primary(snapshot, this.workshop.state.pending !== null);
    if (offer.kind === 'run') {
      await this.runStep(offer.place.module.id, offer.place.step.id);
    } else if (offer.kind === 'prepare') {
      await this.prepare();
    }
  }

  /**
   * Get everything ready.
   *
   * Unsaved changes in the workshop's notebooks are saved first, so that patches are
   * applied to what the attendee sees.
   */
  async prepare(): Promise<void> {
    const snapshot = await this.snapshot();
    if (snapshot) {
      await this.workshop.act({ action: 'prepare' }, async () => {
        await this.notebooks.save(snapshot.modules.map(each => each.notebook));
        await this.workshop.startJob('prepare');
      });
    }
  }

  /** Look at the machine again. */
  async preflight(): Promise<void> {
    if (await this.snapshot()) {
      await this.workshop.act({ action: 'prepare' }, () =>
        this.workshop.startJob('preflight')
      );
    }
  }

  /** Ask one job to stop, or all that run. */
  async cancel(job?: string): Promise<void> {
    const snapshot = await this.snapshot();
    const jobs = snapshot ? runningJobs(snapshot).map(each => each.id) : [];
    await Promise.all(
      (job ? [job] : jobs).map(each => this.workshop.cancelJob(each))
    );
  }

  /** Open a module's notebook with the workshop's kernel. */
  async openNotebook(module: string): Promise<void> {
    const snapshot = await this.snapshot();
    const view = snapshot?.modules.find(each => each.id === module);
    if (snapshot && view) {
      await this.workshop.act({ action: 'open-notebook', module }, async () => {
        await this.notebooks.open(view.notebook, snapshot.kernel.name);
      });
    }
  }

  /**
   * Run a step's cells in its notebook.
   *
   * The notebook is saved and the snapshot read again before: a snapshot counts the
   * cells of the file on disk.
   */
  async runStep(module: string, step: string): Promise<void> {
    const snapshot = await this.snapshot();
    const view = snapshot?.modules.find(each => each.id === module);
    if (snapshot && view) {
      const pending = { action: 'run-step', module, step } as const;
      await this.workshop.act(pending, () =>
        this.runCells(snapshot, view, step)
      );
    }
  }

  private async runCells(
    snapshot: Snapshot,
    module: ModuleView,
    step: string
  ): Promise<void> {
    const keepFocus = focusKeeper();
    const panel = await this.notebooks.open(
      module.notebook,
      snapshot.kernel.name
    );
    keepFocus();
    await this.notebooks.save([module.notebook]);
    const fresh = await this.workshop.refresh();
    const place = fresh && findStep(fresh, module.id, step);
    if (!place || place.step.cells.length === 0) {
      throw new WorkshopFailure(
        place?.step.failure ?? clientFailure('cells-not-found')
      );
    }
    await this.notebooks.run(panel, place.step.cells);
    await this.workshop.refresh();
  }

  private async snapshot(): Promise<Snapshot | null> {
    if (!this.workshop.state.snapshot) {
      await this.workshop.start();
    }
    return this.workshop.state.snapshot;
  }
}

/**
 * Remember what has the focus; the returned function gives it back when opening a
 * notebook took it. Who goes through a workshop by keyboard stays on the button.
 */
function focusKeeper(): () => void {
  const held = document.activeElement;
  return () => {
    if (held instanceof HTMLElement && held.dataset.action !== undefined) {
      held.focus();
    }
  };
}
