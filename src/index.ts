/**
 * Walks attendees through hands-on MONAI workshops inside JupyterLab.
 *
 * @packageDocumentation
 */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, ISessionContextDialogs } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import { Actions } from './lab/actions';
import { confirmStartAgain, kernelConsent } from './lab/asking';
import { WorkshopClient } from './lab/client';
import { addCommands, PALETTE } from './lab/commands';
import { KernelspecMapping } from './lab/kernelspecs';
import { GiveBack } from './lab/giveback';
import { Notebooks } from './lab/notebooks';
import { translateSettings } from './lab/settings';
import { serverWords } from './lab/serverWords';
import { Sidebar } from './lab/sidebar';
import { keepInStep } from './lab/upkeep';
import { Workshop } from './lab/workshop';
import { CommandIDs, DOMAIN, IWorkshop, PANEL_ID } from './tokens';

/** Follows the workshop; starts nothing before somebody asks. */
const workshop: JupyterFrontEndPlugin<IWorkshop> = {
  id: 'jupyter-monai-workshop:workshop',
  description: 'Provides the MONAI workshop that is shown, followed live.',
  autoStart: true,
  provides: IWorkshop,
  requires: [ITranslator],
  activate: ({ serviceManager }: JupyterFrontEnd, translator: ITranslator) =>
    new Workshop(
      new WorkshopClient(serviceManager.serverSettings, () =>
        serverWords(translator)
      ),
      serviceManager.events.stream
    )
};

/** The panel in the left area and the commands. */
const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-monai-workshop:plugin',
  description: 'Adds the MONAI workshop panel and its commands.',
  autoStart: true,
  requires: [IWorkshop, INotebookTracker, IRenderMimeRegistry, ITranslator],
  optional: [
    ICommandPalette,
    ILabShell,
    ILauncher,
    ILayoutRestorer,
    ISessionContextDialogs,
    ISettingRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    shown: IWorkshop,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator,
    palette: ICommandPalette | null,
    labShell: ILabShell | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null,
    sessionDialogs: ISessionContextDialogs | null,
    settings: ISettingRegistry | null
  ): void => {
    const trans = translator.load(DOMAIN);
    const { commands, serviceManager: services } = app;
    const notebooks = new Notebooks({
      commands,
      services,
      tracker,
      ownTabs: labShell === null,
      sessionDialogs,
      translator
    });
    keepInStep(shown, notebooks);
    const client = new WorkshopClient(services.serverSettings);
    app.docRegistry.addWidgetExtension(
      'Notebook',
      new KernelspecMapping(services, client.catalogue())
    );
    new GiveBack(shown, tracker, services);
    const actions = new Actions(
      shown,
      notebooks,
      module => confirmStartAgain(trans, module),
      kernelConsent(trans)
    );
    addCommands(app, shown, actions, trans);

    const sidebar = new Sidebar({
      title: trans.__('MONAI workshop'),
      loading: trans.__('Loading…'),
      failed: trans.__('The panel could not be loaded. Reload this page.'),
      load: async () => {
        const { createBody } = await import('./panel');
        return createBody({
          workshop: shown,
          retry: (retry, token) => actions.retry(retry, token),
          commands,
          rendermime,
          translator
        });
      }
    });
    app.shell.add(sidebar, 'left', { rank: 300 });
    restorer?.add(sidebar, PANEL_ID);

    for (const command of PALETTE) {
      palette?.addItem({ command, category: trans.__('MONAI workshop') });
    }
    launcher?.add({
      command: CommandIDs.open,
      // The launcher's own word, so that it is the launcher's own section.
      category: translator.load('jupyterlab').__('Other'),
      rank: 0
    });
    if (settings) {
      translateSettings(settings, panel.id, trans);
      void openOnStart(app, sidebar, settings);
    }
  }
};

/** Show the panel once JupyterLab stands, where the settings want it. */
async function openOnStart(
  app: JupyterFrontEnd,
  sidebar: Sidebar,
  settings: ISettingRegistry
): Promise<void> {
  try {
    const own = await settings.load(panel.id);
    await app.restored;
    if (own.get('openOnStart').composite === true) {
      app.shell.activateById(PANEL_ID);
      // Notebook 7 moves its own panels now, and hides the area when one leaves it.
      await new Promise(resolve => setTimeout(resolve));
      if (!sidebar.isVisible) {
        app.shell.activateById(PANEL_ID);
      }
    }
  } catch (reason) {
    console.warn('The settings of the workshop panel were not read', reason);
  }
}

export { IWorkshop } from './tokens';
export default [workshop, panel];
