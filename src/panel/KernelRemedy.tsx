import React from 'react';
import type { ModuleView, PreparationPart } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';

/**
 * What can be done where no kernel of the workshop's own can be made: the packages go into
 * a kernel that runs, which is then started again. Both only on consent.
 */
export function KernelRemedy(props: {
  readonly remedy: PreparationPart['remedy'];
  readonly modules: readonly ModuleView[];
}): JSX.Element | null {
  const { trans, pending, disabled, execute } = usePanel();
  const { remedy, modules } = props;
  const off = disabled.includes('environment_installs');
  if (remedy === '' || (remedy === 'install_in_kernel' && off)) {
    return null;
  }
  const module = modules.find(each => each.session);
  if (!module) {
    return (
      <p>
        {trans.__(
          'The packages can go into another kernel instead. Open a notebook of the workshop with the kernel that it shall run in, then come back here.'
        )}
      </p>
    );
  }
  const install = remedy === 'install_in_kernel';
  const run = () =>
    execute(
      install ? CommandIDs.installInKernel : CommandIDs.restartInstalled,
      { module: module.id }
    );
  return (
    <div className="jp-MonaiWorkshop-buttons">
      <Button action={remedy} module={module.id} off={pending} onClick={run}>
        {install
          ? trans.__('Install into the kernel that runs…')
          : trans.__('Restart the kernel…')}
      </Button>
    </div>
  );
}
