import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ModuleView } from '../core/snapshot';

/** Ask whether a module shall really begin anew; the focus comes back afterwards. */
export async function confirmStartAgain(
  trans: TranslationBundle,
  module: ModuleView
): Promise<boolean> {
  const answer = await showDialog({
    title: trans.__('Start again: %1', module.title),
    body: trans.__(
      'Your copy of the notebook is kept beside it under a dated name. The steps of this module begin anew.'
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Start again') })
    ]
  });
  return answer.button.accept;
}
