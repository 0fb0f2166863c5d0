import React from 'react';
import type { ModuleView } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';

/** Interrupts the cell that runs in a module. */
export function StopButton(props: {
  readonly module: ModuleView;
}): JSX.Element {
  const { trans, execute } = usePanel();
  const { id, title, kernel } = props.module;
  const stopping = kernel === 'interrupting';
  return (
    <Button
      action="stop"
      off={stopping}
      name={
        stopping
          ? trans.__('Stopping: %1', title)
          : trans.__('Stop what runs in: %1', title)
      }
      title={trans.__('Interrupts the cell; what it has printed stays')}
      onClick={() => execute(CommandIDs.stopStep, { module: id })}
    >
      {stopping ? trans.__('Stopping…') : trans.__('Stop')}
    </Button>
  );
}
