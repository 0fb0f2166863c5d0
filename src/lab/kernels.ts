import {
  type ISessionContext,
  type ISessionContextDialogs,
  SessionContextDialogs
} from '@jupyterlab/apputils';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { KernelAPI, type ServiceManager } from '@jupyterlab/services';
import type { ITranslator } from '@jupyterlab/translation';

/** Interrupt what runs in a notebook, which need not be open. */
export async function interrupt(
  services: ServiceManager.IManager,
  path: string,
  context: ISessionContext | undefined
): Promise<void> {
  const kernel = context?.session?.kernel;
  if (kernel) {
    await kernel.interrupt();
    return;
  }
  const { sessions, serverSettings } = services;
  await sessions.ready;
  await sessions.refreshRunning();
  const model = await sessions.findByPath(path);
  if (model?.kernel) {
    await KernelAPI.interruptKernel(model.kernel.id, serverSettings);
  }
}

/** How many connections a notebook's kernel has: pages, consoles; 0 without a kernel. */
export async function connections(
  services: ServiceManager.IManager,
  context: ISessionContext
): Promise<number> {
  const id = context.session?.kernel?.id;
  if (id === undefined) {
    return 0;
  }
  const { serverSettings } = services;
  const model = await KernelAPI.getKernelModel(id, serverSettings);
  return model?.connections ?? 0;
}

/**
 * Start a notebook's kernel again and clear its outputs, after JupyterLab has asked
 * whether that is meant.
 *
 * @returns Whether it was meant.
 */
export async function restart(
  panel: NotebookPanel,
  dialogs: ISessionContextDialogs | null,
  translator: ITranslator
): Promise<boolean> {
  const asking = dialogs ?? new SessionContextDialogs({ translator });
  const restarted = await asking.restart(panel.sessionContext);
  if (restarted && !panel.isDisposed) {
    NotebookActions.clearAllOutputs(panel.content);
  }
  return restarted;
}
