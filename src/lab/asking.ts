import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ModuleView } from '../core/snapshot';
import type { Actions } from './actions';

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

/** Ask before packages are installed into a kernel that runs, and before it restarts. */
export function kernelConsent(trans: TranslationBundle): Actions.IConsent {
  const ask = async (title: string, body: string, yes: string) => {
    const answer = await showDialog({
      title,
      body,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: yes })
      ]
    });
    return answer.button.accept;
  };
  return {
    install: line =>
      ask(
        trans.__('Install into the kernel that runs?'),
        trans.__('This runs in the Python of that kernel: %1', line),
        trans.__('Install')
      ),
    restart: () =>
      ask(
        trans.__('Restart the kernel?'),
        trans.__('It sees the new packages then. What it holds now is lost.'),
        trans.__('Restart')
      )
  };
}
