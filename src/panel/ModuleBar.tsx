import React, { useId, useState } from 'react';
import type { ModuleView } from '../core/snapshot';
import { expectedLeft } from '../core/steps';
import { roughly } from '../core/time';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { Mark } from './Mark';

/** What can be done with a whole notebook. */
export function ModuleBar(props: {
  readonly module: ModuleView;
  /** Whether the materials are there. */
  readonly there: boolean;
}): JSX.Element {
  const { trans, locale, pending, free, execute } = usePanel();
  const [more, setMore] = useState(false);
  const id = useId();
  const { module } = props;
  const { title } = module;
  const there = props.there && !module.absent;
  const left = expectedLeft(module.steps);
  const runnable = free && there && canRun(module);
  const run = (command: string) => () =>
    execute(command, { module: module.id });
  return (
    <>
      <div className="jp-MonaiWorkshop-moduleBar">
        <Button
          action="open"
          module={module.id}
          off={!props.there || module.absent || pending}
          name={trans.__('Open notebook: %1', title)}
          title={module.notebook}
          onClick={run(CommandIDs.openNotebook)}
        >
          {trans.__('Open notebook')}
        </Button>
        {left > 0 && (
          <Button
            action="run-module"
            module={module.id}
            off={!runnable}
            name={trans.__('Run module: %1', title)}
            title={trans.__('Runs all that is not done, step by step')}
            onClick={run(CommandIDs.runModule)}
          >
            {trans.__('Run module')}
          </Button>
        )}
        {there && (
          <Button
            action="more"
            module={module.id}
            quiet
            controls={id}
            expanded={more}
            name={trans.__('More: %1', title)}
            onClick={() => setMore(!more)}
          >
            <Mark icon="chevron" />
            {trans.__('More')}
          </Button>
        )}
        {left > 0 && (
          <span className="jp-MonaiWorkshop-muted">
            {trans.__('about %1', roughly(left, locale))}
          </span>
        )}
      </div>
      <div id={id} hidden={!more}>
        {more && there && <More module={module} />}
      </div>
    </>
  );
}

/** What is wanted rarely, with what it does. */
function More(props: { readonly module: ModuleView }): JSX.Element {
  const { trans, pending, settled, execute } = usePanel();
  const { id, title, session } = props.module;
  return (
    <dl className="jp-MonaiWorkshop-more">
      <div>
        <dt>
          <Button
            action="restart"
            module={id}
            off={pending || !session}
            name={trans.__('Restart kernel: %1', title)}
            onClick={() => execute(CommandIDs.restartKernel, { module: id })}
          >
            {trans.__('Restart kernel')}
          </Button>
        </dt>
        <dd className="jp-MonaiWorkshop-muted">
          {trans.__('Empties its memory and clears the outputs.')}
        </dd>
      </div>
      <div>
        <dt>
          <Button
            action="start-again"
            module={id}
            off={!settled}
            name={trans.__('Start again: %1', title)}
            onClick={() => execute(CommandIDs.startAgain, { module: id })}
          >
            {trans.__('Start again')}
          </Button>
        </dt>
        <dd className="jp-MonaiWorkshop-muted">
          {trans.__('Begins with a fresh notebook; yours is kept beside it.')}
        </dd>
      </div>
    </dl>
  );
}

/** Whether a step of the module can be run now, so that the others can follow. */
function canRun(module: ModuleView): boolean {
  return module.steps.some(
    ({ state }) => state === 'ready' || state === 'failed'
  );
}
