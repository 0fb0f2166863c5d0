import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { asValues } from '../core/values';
import { CommandIDs, type IWorkshop, PANEL_ID } from '../tokens';
import type { Actions } from './actions';
import { workshopIcon } from './icon';

/** The commands that stand in the palette. */
export const PALETTE = [
  CommandIDs.open,
  CommandIDs.next,
  CommandIDs.prepare,
  CommandIDs.cancel,
  CommandIDs.preflight,
  CommandIDs.plan,
  CommandIDs.update,
  CommandIDs.undoUpdate,
  CommandIDs.writeReport
] as const;

/**
 * Add the extension's commands.
 *
 * @param app - The application that gets them.
 * @param workshop - The workshop they act on.
 * @param actions - What they do.
 * @param trans - The language of their labels.
 */
export function addCommands(
  app: JupyterFrontEnd,
  workshop: IWorkshop,
  actions: Actions,
  trans: TranslationBundle
): void {
  const { commands, shell } = app;
  commands.addCommand(CommandIDs.open, {
    label: trans.__('MONAI workshop'),
    caption: trans.__('Open the workshop panel'),
    icon: workshopIcon,
    execute: () => shell.activateById(PANEL_ID)
  });
  commands.addCommand(CommandIDs.next, {
    label: trans.__('Do the Next Thing of the Workshop'),
    execute: () => actions.next()
  });
  commands.addCommand(CommandIDs.trust, {
    label: trans.__('Trust the Workshop'),
    execute: () => actions.trust()
  });
  commands.addCommand(CommandIDs.prepare, {
    label: trans.__('Get Everything Ready for the Workshop'),
    execute: () => actions.prepare()
  });
  commands.addCommand(CommandIDs.cancel, {
    label: trans.__('Stop What the Workshop Is Preparing'),
    execute: args => actions.cancel(text(args, 'job'))
  });
  commands.addCommand(CommandIDs.preflight, {
    label: trans.__('Check This Machine for the Workshop'),
    execute: () => actions.preflight()
  });
  commands.addCommand(CommandIDs.plan, {
    label: trans.__('Find Out What the Workshop Would Install'),
    execute: () => actions.plan()
  });
  commands.addCommand(CommandIDs.update, {
    label: trans.__('Update the Materials of the Workshop'),
    execute: args => actions.update({ restoreDeleted: !!args.restoreDeleted })
  });
  commands.addCommand(CommandIDs.undoUpdate, {
    label: trans.__('Undo the Update of the Workshop'),
    execute: () => actions.undoUpdate()
  });
  commands.addCommand(CommandIDs.startAgain, {
    label: trans.__('Start a Notebook of the Workshop Again'),
    execute: args => actions.startAgain(text(args, 'module') ?? '')
  });
  commands.addCommand(CommandIDs.installInKernel, {
    label: trans.__('Install the Packages of the Workshop into a Kernel'),
    execute: args => actions.installInKernel(text(args, 'module') ?? '')
  });
  commands.addCommand(CommandIDs.restartInstalled, {
    label: trans.__('Restart the Kernel That Packages Were Installed Into'),
    execute: args => actions.restartInstalled(text(args, 'module') ?? '')
  });
  commands.addCommand(CommandIDs.openFile, {
    label: trans.__('Open a File of the Workshop'),
    execute: args => actions.openFile(text(args, 'path') ?? '')
  });
  commands.addCommand(CommandIDs.openNotebook, {
    label: trans.__('Open a Notebook of the Workshop'),
    execute: args => {
      const cell = text(args, 'cell');
      return actions.openNotebook(
        text(args, 'module') ?? '',
        cell === undefined ? undefined : Number(cell)
      );
    }
  });
  addRunning(app.commands, actions, trans);
  addChoosing(app.commands, actions, trans);
  commands.addCommand(CommandIDs.select, {
    label: trans.__('Switch to Another Workshop'),
    execute: async args => {
      const id = text(args, 'workshop');
      if (id) {
        await workshop.start();
        await workshop.select(id);
      }
    }
  });
}

/** Add the commands that run and stop. */
function addRunning(
  commands: CommandRegistry,
  { runs }: Actions,
  trans: TranslationBundle
): void {
  commands.addCommand(CommandIDs.runStep, {
    label: trans.__('Run a Step of the Workshop'),
    execute: args =>
      runs.runStep(text(args, 'module') ?? '', text(args, 'step') ?? '')
  });
  commands.addCommand(CommandIDs.runModule, {
    label: trans.__('Run What Is Left of a Notebook of the Workshop'),
    execute: args => runs.runModule(text(args, 'module') ?? '')
  });
  commands.addCommand(CommandIDs.stopStep, {
    label: trans.__('Stop What Runs in a Notebook of the Workshop'),
    execute: args => runs.stop(text(args, 'module') ?? '')
  });
  commands.addCommand(CommandIDs.restartKernel, {
    label: trans.__('Restart the Kernel of a Notebook of the Workshop'),
    execute: args => runs.restart(text(args, 'module') ?? '')
  });
}

/** Add the commands that write into notebooks, and the report. */
function addChoosing(
  commands: CommandRegistry,
  actions: Actions,
  trans: TranslationBundle
): void {
  const { choices } = actions;
  commands.addCommand(CommandIDs.setParameters, {
    label: trans.__('Set Values in a Notebook of the Workshop'),
    execute: args =>
      choices.setParameters(
        text(args, 'module') ?? '',
        asValues(text(args, 'values') ?? '')
      )
  });
  commands.addCommand(CommandIDs.setProfile, {
    label: trans.__('Choose a Profile of the Workshop'),
    execute: args => choices.setProfile(text(args, 'profile') ?? '')
  });
  commands.addCommand(CommandIDs.showSolution, {
    label: trans.__('Show the Solution of an Exercise of the Workshop'),
    execute: args =>
      choices.showSolution(text(args, 'module') ?? '', text(args, 'step') ?? '')
  });
  commands.addCommand(CommandIDs.writeReport, {
    label: trans.__('Write the Report of the Workshop'),
    execute: args => actions.report(!!args.source)
  });
}

function text(
  args: ReadonlyPartialJSONObject,
  name: string
): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}
