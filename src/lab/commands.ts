import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
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
  CommandIDs.update,
  CommandIDs.undoUpdate
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
  commands.addCommand(CommandIDs.openFile, {
    label: trans.__('Open a File of the Workshop'),
    execute: args => actions.openFile(text(args, 'path') ?? '')
  });
  commands.addCommand(CommandIDs.openNotebook, {
    label: trans.__('Open a Notebook of the Workshop'),
    execute: args => actions.openNotebook(text(args, 'module') ?? '')
  });
  commands.addCommand(CommandIDs.runStep, {
    label: trans.__('Run a Step of the Workshop'),
    execute: args =>
      actions.runStep(text(args, 'module') ?? '', text(args, 'step') ?? '')
  });
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

function text(
  args: ReadonlyPartialJSONObject,
  name: string
): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}
