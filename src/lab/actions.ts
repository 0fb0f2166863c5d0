import { PathExt } from '@jupyterlab/coreutils';
import { primary } from '../core/primary';
import type {
  JobDetails,
  ModuleView,
  RequestKind,
  Snapshot
} from '../core/snapshot';
import { runningJobs } from '../core/steps';
import type { IPending, IWorkshop, Retry } from '../tokens';
import { Choices } from './choices';
import type { Notebooks } from './notebooks';
import { Runs } from './runs';

/**
 * What an attendee can do, each once for buttons, commands and tools.
 */
export class Actions {
  /**
   * @param workshop - The workshop shown.
   * @param notebooks - Its notebooks.
   * @param confirm - Asks whether a module shall really begin anew.
   * @param consent - Asks before something is done to a kernel.
   */
  constructor(
    private readonly workshop: IWorkshop,
    private readonly notebooks: Notebooks,
    private readonly confirm: (module: ModuleView) => Promise<boolean>,
    private readonly consent: Actions.IConsent
  ) {
    this.runs = new Runs(workshop, notebooks);
    this.choices = new Choices(workshop, notebooks);
  }

  /** What runs, and stops, in notebooks. */
  readonly runs: Runs;
  /** What is written into notebooks because the attendee chose it. */
  readonly choices: Choices;

  /** Do what the primary button offers. */
  async next(): Promise<void> {
    const snapshot = await this.snapshot();
    if (!snapshot) {
      return;
    }
    const offer = primary(snapshot, this.workshop.state.pending !== null);
    if (offer.kind === 'run') {
      await this.runs.runStep(offer.place.module.id, offer.place.step.id);
    } else if (offer.kind === 'prepare') {
      await this.prepare();
    } else if (offer.kind === 'bring-back') {
      await this.startAgain(offer.module.id);
    }
  }

  /** Trust the workshop, as it is shown. */
  async trust(): Promise<void> {
    const trust = (await this.snapshot())?.trust;
    if (trust) {
      await this.workshop.act({ action: 'trust' }, () =>
        this.workshop.trust(trust.digest)
      );
      await this.workshop.refresh();
    }
  }

  /**
   * Get everything ready.
   *
   * Open notebooks get the workshop's corrections in the page and are saved, so that
   * what the attendee has there stays and *Undo* takes the corrections back.
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
   * Install the workshop's packages into the kernel that runs for a module's notebook.
   *
   * What will be done is shown first, and done only on consent.
   */
  async installInKernel(module: string): Promise<void> {
    if (await this.snapshot()) {
      await this.workshop.act({ action: 'prepare', module }, async () => {
        const offer = await this.workshop.readPip(module);
        if (await this.consent.install(offer.line)) {
          await this.workshop.startJob('install_in_kernel', { module });
        }
      });
    }
  }

  /** Restart the kernel that packages were installed into, on consent. */
  async restartInstalled(module: string): Promise<void> {
    if ((await this.snapshot()) && (await this.consent.restart())) {
      await this.workshop.act({ action: 'restart', module }, () =>
        this.workshop.startJob('restart_kernel', { module })
      );
    }
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

  /** Find out what would be installed, and install nothing. */
  async plan(): Promise<void> {
    if (await this.snapshot()) {
      await this.workshop.act({ action: 'prepare' }, () =>
        this.workshop.startJob('plan')
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

  /**
   * Open a module's notebook with the workshop's kernel.
   *
   * @param cell - The position of a cell to show, if any.
   */
  async openNotebook(module: string, cell?: number): Promise<void> {
    const snapshot = await this.snapshot();
    const view = snapshot?.modules.find(each => each.id === module);
    if (snapshot && view) {
      await this.workshop.act({ action: 'open-notebook', module }, async () => {
        const { notebook } = view;
        const panel = await this.notebooks.open(notebook, snapshot.kernel.name);
        if (cell !== undefined) {
          this.notebooks.show(panel, { index: cell, id: null });
        }
      });
    }
  }

  /** Write the report of the workshop, with the source of the cells if wished. */
  async report(source: boolean): Promise<void> {
    if (await this.snapshot()) {
      await this.workshop.act({ action: 'report' }, () =>
        this.workshop.startJob('report', { source })
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
        if (kind === 'prepare') {
          await this.choices.patch(snapshot);
        }
        await this.notebooks.save(this.notebooks.below(snapshot.folder));
        await this.workshop.startJob(kind, details);
      });
    }
  }

  private async snapshot(): Promise<Snapshot | null> {
    if (!this.workshop.state.snapshot) {
      await this.workshop.start();
    }
    return this.workshop.state.snapshot;
  }
}
/** The namespace of {@link Actions}. */
export namespace Actions {
  /** Asks before something is done to a kernel that runs. */
  export interface IConsent {
    /** Whether packages may be installed into it by this line. */
    install(line: string): Promise<boolean>;
    /** Whether it may be restarted; what it holds is lost. */
    restart(): Promise<boolean>;
  }
}
