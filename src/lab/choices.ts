import type { ModuleView, ParameterValue, Snapshot } from '../core/snapshot';
import type { IWorkshop } from '../tokens';
import { editOpen, type IOpenWish, type Wish } from './editing';
import type { Notebooks } from './notebooks';

/**
 * What an attendee lets the workshop write into notebooks: values, profiles, solutions.
 *
 * An open notebook is changed in the page, saved or not; the file of one that is not
 * open is changed by a job.
 */
export class Choices {
  /**
   * @param workshop - The workshop shown.
   * @param notebooks - Its notebooks.
   */
  constructor(
    private readonly workshop: IWorkshop,
    private readonly notebooks: Notebooks
  ) {}

  /** Set values of a module's parameters, by the parameter's id. */
  async setParameters(
    module: string,
    values: Readonly<Record<string, ParameterValue>>
  ): Promise<void> {
    const view = this.module(module);
    if (view && Object.keys(values).length > 0) {
      await this.workshop.act(
        { action: 'set-parameters', module },
        async () => {
          if (!(await this.edit([view], { purpose: 'parameters', values }))) {
            await this.workshop.startJob('parameters', { module, values });
          }
        }
      );
    }
  }

  /**
   * Choose a profile; an empty name takes every profile back.
   *
   * Open notebooks are changed and saved first, so that the job finds them done.
   */
  async setProfile(profile: string): Promise<void> {
    const { snapshot } = this.workshop.state;
    if (snapshot) {
      await this.workshop.act({ action: 'profile' }, async () => {
        await this.edit(snapshot.modules, { purpose: 'profile', profile });
        await this.workshop.startJob('profile', { profile });
      });
    }
  }

  /** Do the exercises of a step that are still open. */
  async showSolution(module: string, step: string): Promise<void> {
    const view = this.module(module);
    if (view) {
      const pending = { action: 'solution', module, step } as const;
      await this.workshop.act(pending, async () => {
        if (!(await this.edit([view], { purpose: 'solution', step }))) {
          await this.workshop.startJob('solution', { module, step });
        }
      });
    }
  }

  /**
   * Make the workshop's corrections in notebooks that are open.
   *
   * What does not fit stays as it is: the job that follows finds and tells it.
   */
  async patch(snapshot: Snapshot): Promise<void> {
    for (const module of snapshot.modules) {
      try {
        await this.edit([module], { purpose: 'patches' });
      } catch (reason) {
        console.warn(
          `${module.notebook} was not corrected in the page`,
          reason
        );
      }
    }
  }

  /** Edit those modules' notebooks that are open; returns whether any was. */
  private async edit(
    modules: readonly ModuleView[],
    wish: Omit<Wish, 'module'>
  ): Promise<boolean> {
    const wishes = modules.flatMap<IOpenWish>(module => {
      const panel = this.notebooks.find(module.notebook);
      const isOurs = panel?.context.isReady && !panel.context.model.readOnly;
      return isOurs ? [{ panel, wish: { ...wish, module: module.id } }] : [];
    });
    await editOpen(this.workshop, wishes);
    if (wishes.length > 0) {
      await this.workshop.refresh();
    }
    return wishes.length > 0;
  }

  private module(id: string): ModuleView | undefined {
    return this.workshop.state.snapshot?.modules.find(each => each.id === id);
  }
}
