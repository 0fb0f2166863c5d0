import { PathExt } from '@jupyterlab/coreutils';
import { primary } from '../core/primary';
import type {
  JobDetails,
  ModuleView,
  RequestKind,
  Snapshot
} from '../core/snapshot';
import { findStep, runningJobs } from '../core/steps';
import { clientFailure, WorkshopFailure } from '../core/failure';
import type { IPending, IWorkshop, Retry } from '../tokens';
import type { Notebooks } from './notebooks';

/**
 * What an attendee can do, each once for buttons, commands and tools.
 */
export class Actions {
  /**
   * @param workshop - The workshop shown.
   * @param notebooks - Its notebooks.
   * @param confirm - Asks whether a module shall really begin anew.
   */
  constructor(
    private readonly workshop: IWorkshop,
    private readonly notebooks: Notebooks,
    private readonly confirm: (module: ModuleView) => Promise<boolean>
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
    } else if (offer.kind === 'bring-back') {
      await this.startAgain(offer.module.id);
    }
  }

  /**
   * Get everything ready.
   *
   * Unsaved changes in the workshop's notebooks are saved first, so that patches are
   * applied to what the attendee sees.
   *
   * @param token - An access token for a private repository; held for this call only.
   */
  async prepare(token = ''): Promise<void> {
    await this.change('prepare', 'prepare', token ? { token } : {});
  }

  /**
   * Update the materials to the version that the workshop has now.
   *
   * @param options - Whether to bring back files that the attendee deleted, and an
   *   access token for a private repository, held for this call only.
   */
  async update(
    options: { readonly restoreDeleted?: boolean; readonly token?: string } = {}
  ): Promise<void> {
    const { restoreDeleted = false, token = '' } = options;
    await this.change('update', 'update', {
      restore_deleted: restoreDeleted,
      ...(token ? { token } : {})
    });
  }

  /** Try something again with an access token, which is held for this call only. */
  retry(retry: Retry, token: string): Promise<void> {
    return retry.kind === 'update'
      ? this.update({ restoreDeleted: retry.restoreDeleted, token })
      : this.prepare(token);
  }

  /** Take the last update back. */
  async undoUpdate(): Promise<void> {
    await this.change('undo', 'undo');
  }

  /**
   * Begin a module anew: its kernel ends, its notebook is kept beside and made fresh.
   *
   * Asked for once; a notebook that is gone is brought back without a question.
   */
  async startAgain(module: string): Promise<void> {
    const snapshot = await this.snapshot();
    const view = snapshot?.modules.find(each => each.id === module);
    if (!view || !(view.absent || (await this.confirm(view)))) {
      return;
    }
    await this.workshop.act({ action: 'start-again', module }, async () => {
      await this.notebooks.rest(view.notebook);
      await this.workshop.startJob('start_again', { module });
    });
  }

  /**
   * Open a file of the materials; a notebook opens with the workshop's kernel.
   *
   * @param path - Relative to the materials.
   */
  async openFile(path: string): Promise<void> {
    const snapshot = await this.snapshot();
    if (!snapshot || path === '') {
      return;
    }
    const whole = PathExt.join(snapshot.folder, path);
    await this.workshop.act({ action: 'open-file' }, async () => {
      if (PathExt.extname(path) === '.ipynb') {
        await this.notebooks.open(whole, snapshot.kernel.name);
      } else {
        await this.notebooks.openFile(whole);
      }
    });
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

  /** Start a job that changes notebooks, with what is open and unsaved saved before. */
  private async change(
    action: IPending['action'],
    kind: RequestKind,
    details: JobDetails = {}
  ): Promise<void> {
    const snapshot = await this.snapshot();
    if (snapshot) {
      await this.workshop.act({ action }, async () => {
        await this.notebooks.save(this.notebooks.below(snapshot.folder));
        await this.workshop.startJob(kind, details);
      });
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
