import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';

type Context = NotebookPanel['context'];

/** Whether the file of an open notebook is as it was when the page read or saved it. */
export async function isAsOnDisk(
  context: Context,
  contents: Contents.IManager
): Promise<boolean> {
  const held = context.contentsModel;
  const disk = await contents.get(context.path, { content: false, hash: true });
  return held?.hash && disk.hash
    ? held.hash === disk.hash
    : held?.last_modified === disk.last_modified;
}

/**
 * Save a notebook for the attendee, who has not asked for it: where somebody else has
 * written the file meanwhile, nobody is asked anything and it stays unsaved.
 */
export async function saveIfAsOnDisk(
  context: Context,
  contents: Contents.IManager
): Promise<void> {
  try {
    const { model } = context;
    if (!model.readOnly && (await isAsOnDisk(context, contents))) {
      await context.save();
    }
  } catch (reason) {
    console.warn(`${context.path} was not saved`, reason);
  }
}

/** How long a shared notebook gets to be saved by the server, in milliseconds. */
const SERVER_SAVES = 10_000;

/**
 * Save a notebook and wait until the file has it.
 *
 * A shared notebook is saved by the server, soon after every change. A page that saves it
 * beside the server may find the file changed, and ask what to do about that; so it only
 * does where the server does not.
 */
export async function saveNow(context: Context): Promise<void> {
  const { model } = context;
  if (model.collaborative) {
    for (let waited = 0; model.dirty && waited < SERVER_SAVES; waited += 100) {
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
  if (model.dirty) {
    await context.save();
  }
}

/**
 * Show what lies on disk in an open notebook, if it changed there.
 *
 * A notebook with unsaved changes keeps them. With collaboration on, the server brings
 * the change by itself.
 */
export async function takeFromDisk(
  panel: NotebookPanel,
  contents: Contents.IManager
): Promise<void> {
  const { context, node } = panel;
  const isOurs = () => context.model.dirty || context.model.collaborative;
  if (isOurs() || (await isAsOnDisk(context, contents)) || isOurs()) {
    return;
  }
  const focused = node.contains(document.activeElement);
  // What is typed while the file is on its way would be lost.
  node.inert = true;
  try {
    await context.revert();
  } finally {
    node.inert = false;
  }
  if (focused) {
    panel.activate();
  }
}
