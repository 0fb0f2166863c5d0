import type { NotebookPanel } from '@jupyterlab/notebook';
import { hintFor, isOpenExercise } from '../core/exercises';
import { clientFailure, WorkshopFailure } from '../core/failure';
import type { ModuleView, StepView } from '../core/snapshot';
import { findStep, type IPlace } from '../core/steps';
import type { IWorkshop } from '../tokens';
import type { Notebooks } from './notebooks';

/** How often the snapshot is read until the server says what came of a step. */
const PACE = 300;
/** How long the server gets to hear that a step ran, in milliseconds. */
const HEARS = 3000;
/** How long it gets to look at what the step made, in milliseconds. */
const CHECKS = 60_000;

/** A module that runs step by step. */
interface ITurn {
  stopped: boolean;
}

/**
 * Runs steps and modules in their notebooks, stops them, and starts kernels again.
 */
export class Runs {
  /**
   * @param workshop - The workshop shown.
   * @param notebooks - Its notebooks.
   */
  constructor(
    private readonly workshop: IWorkshop,
    private readonly notebooks: Notebooks
  ) {}

  /**
   * Run a step's cells in its notebook.
   *
   * The notebook is saved and the snapshot read again before: a snapshot counts the
   * cells of the file on disk.
   */
  async runStep(module: string, step: string): Promise<void> {
    const view = await this.module(module);
    if (view && !this._turns.has(module)) {
      const pending = { action: 'run-step', module, step } as const;
      await this.workshop.act(pending, async () => {
        const panel = await this.open(view);
        await this.runCells(panel, module, step);
      });
    }
  }

  /**
   * Run the steps of a module that are not done, in order.
   *
   * It stops at the first that fails, and before an exercise that is still open.
   */
  async runModule(module: string): Promise<void> {
    const view = await this.module(module);
    if (!view || this._turns.has(module)) {
      return;
    }
    const turn: ITurn = { stopped: false };
    this._turns.set(module, turn);
    try {
      await this.workshop.act({ action: 'run-module', module }, async () => {
        const panel = await this.open(view);
        await this.runRest(panel, module, turn);
      });
    } finally {
      this._turns.delete(module);
    }
  }

  /**
   * Interrupt what runs in a module's notebook, and run nothing more of it.
   *
   * This may be asked for while something else is pending.
   */
  async stop(module: string): Promise<void> {
    const view = await this.module(module);
    if (view) {
      this.endTurn(module);
      try {
        await this.notebooks.interrupt(view.notebook);
      } catch (reason) {
        this.workshop.tell(reason);
      }
    }
  }

  /** Start a module's kernel again and clear its outputs, after JupyterLab asked. */
  async restart(module: string): Promise<void> {
    const view = await this.module(module);
    const kernel = this.workshop.state.snapshot?.kernel.name ?? '';
    if (view) {
      await this.workshop.act({ action: 'restart', module }, async () => {
        if (await this.notebooks.restart(view.notebook, kernel)) {
          this.endTurn(module);
        }
        await this.workshop.refresh();
      });
    }
  }

  private async runRest(
    panel: NotebookPanel,
    module: string,
    turn: ITurn
  ): Promise<void> {
    const tried = new Set<string>();
    while (!turn.stopped && !panel.isDisposed) {
      const fresh = await this.workshop.refresh();
      const view = fresh?.modules.find(each => each.id === module);
      const step = view?.steps.find(each => each.state !== 'done');
      if (!step || tried.has(step.id)) {
        return;
      }
      if (step.state === 'blocked') {
        throw blocked(step);
      }
      tried.add(step.id);
      const ran = await this.runCells(panel, module, step.id);
      if (!ran || turn.stopped) {
        return;
      }
      await this.outcome(module, step.id, turn);
    }
  }

  /** Run a step's cells; returns whether all ran without an error. */
  private async runCells(
    panel: NotebookPanel,
    module: string,
    step: string
  ): Promise<boolean> {
    await this.notebooks.save([panel.context.localPath]);
    const fresh = await this.workshop.refresh();
    const place = fresh && findStep(fresh, module, step);
    if (!place || place.step.cells.length === 0) {
      throw new WorkshopFailure(
        place?.step.failure ?? clientFailure('cells-not-found')
      );
    }
    const { cells } = place.step;
    const sources = this.notebooks.sources(panel, cells);
    const gap = cells.findIndex((cell, at) =>
      isOpenExercise(place.step, cell, sources[at]!)
    );
    const due = gap < 0 ? cells : cells.slice(0, gap);
    const ran = due.length === 0 || (await this.notebooks.run(panel, due));
    await this.workshop.refresh();
    if (ran && gap >= 0) {
      this.notebooks.show(panel, cells[gap]!);
      const failure = clientFailure('exercise-open');
      const hint = hintFor(place.step, cells[gap]!);
      throw new WorkshopFailure({ ...failure, hint });
    }
    return ran;
  }

  /** Wait until the server has looked at what a step made. */
  private async outcome(
    module: string,
    step: string,
    turn: ITurn
  ): Promise<void> {
    const began = performance.now();
    while (!turn.stopped) {
      const place = this.place(module, step);
      const waited = performance.now() - began;
      const patience = place?.step.state === 'running' ? CHECKS : HEARS;
      if (
        place?.step.state === 'done' ||
        place?.step.state === 'failed' ||
        waited > patience
      ) {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, PACE));
      await this.workshop.refresh();
    }
  }

  private async open(view: ModuleView): Promise<NotebookPanel> {
    const keepFocus = focusKeeper();
    const kernel = this.workshop.state.snapshot?.kernel.name ?? '';
    const panel = await this.notebooks.open(view.notebook, kernel);
    keepFocus();
    return panel;
  }

  private endTurn(module: string): void {
    const turn = this._turns.get(module);
    if (turn) {
      turn.stopped = true;
    }
  }

  private place(module: string, step: string): IPlace | null {
    const { snapshot } = this.workshop.state;
    return snapshot && findStep(snapshot, module, step);
  }

  private async module(id: string): Promise<ModuleView | undefined> {
    if (!this.workshop.state.snapshot) {
      await this.workshop.start();
    }
    const { snapshot } = this.workshop.state;
    return snapshot?.modules.find(each => each.id === id);
  }

  private readonly _turns = new Map<string, ITurn>();
}

/** Why a step cannot be run yet, in the server's words. */
function blocked(step: StepView): WorkshopFailure {
  const failure = clientFailure('step-blocked');
  return new WorkshopFailure(
    step.failure ?? { ...failure, message: step.reason }
  );
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
