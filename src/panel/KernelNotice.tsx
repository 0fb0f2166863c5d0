import React from 'react';
import type { ModuleView } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { Mark } from './Mark';

/** What an attendee should know of a module's kernel when it does not just work. */
export function KernelNotice(props: {
  readonly module: ModuleView;
}): JSX.Element | null {
  const { trans, pending, execute } = usePanel();
  const { id, kernel } = props.module;
  if (kernel !== 'dead' && kernel !== 'unheard' && kernel !== 'interrupting') {
    return null;
  }
  const words = {
    dead: {
      icon: 'failed',
      title: trans.__('The kernel died'),
      text: trans.__(
        'What it held in memory is lost; your notebook and files are not. Restart it, then run the steps again from the first.'
      )
    },
    unheard: {
      icon: 'unknown',
      title: trans.__('No contact with the kernel'),
      text: trans.__(
        'What runs may go on. This panel listens again as soon as it can.'
      )
    },
    interrupting: {
      icon: 'running',
      title: trans.__('Stopping'),
      text: trans.__(
        'The cell was asked to stop. If it does not, restart the kernel.'
      )
    }
  } as const;
  const { icon, title, text } = words[kernel];
  return (
    <div className="jp-MonaiWorkshop-notice" data-notice={`kernel-${kernel}`}>
      <p className="jp-MonaiWorkshop-lead">
        <Mark icon={icon} />
        <span>{title}</span>
      </p>
      <p>{text}</p>
      {kernel !== 'unheard' && (
        <div className="jp-MonaiWorkshop-buttons">
          <Button
            action="restart"
            off={pending}
            onClick={() => execute(CommandIDs.restartKernel, { module: id })}
          >
            {trans.__('Restart kernel')}
          </Button>
        </div>
      )}
    </div>
  );
}
