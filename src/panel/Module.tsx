import React from 'react';
import type { ModuleView } from '../core/snapshot';
import { countDone } from '../core/steps';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { KernelNotice } from './KernelNotice';
import { Mark } from './Mark';
import { Markdown } from './Markdown';
import { ModuleBar } from './ModuleBar';
import { Section } from './Section';
import { Step } from './Step';

/** One notebook: what it is about, the way to open it, and its steps. */
export function Module(props: {
  readonly module: ModuleView;
  /** The id of the step that has the attention; empty when it is elsewhere. */
  readonly focus: string;
  /** Whether the notebook is there to be opened. */
  readonly there: boolean;
}): JSX.Element {
  const { trans, settled, execute } = usePanel();
  const { module } = props;
  const done = countDone(module.steps);
  const count = trans.__('%1 of %2', done, module.steps.length);
  return (
    <Section title={module.title} state={module.state} aside={count}>
      <ModuleBar module={module} there={props.there} />
      {showsKernel(module) && <KernelNotice module={module} />}
      {module.absent && (
        <div className="jp-MonaiWorkshop-notice" data-notice="absent">
          <p className="jp-MonaiWorkshop-lead">
            <Mark icon="warn" />
            <span>{trans.__('The notebook is not there any more')}</span>
          </p>
          <div className="jp-MonaiWorkshop-buttons">
            <Button
              action="bring-back"
              module={module.id}
              off={!props.there || !settled}
              onClick={() =>
                execute(CommandIDs.startAgain, { module: module.id })
              }
            >
              {trans.__('Bring the notebook back')}
            </Button>
          </div>
        </div>
      )}
      {module.text && (
        <Disclosure label={trans.__('What this is about')} open={false}>
          <Markdown source={module.text} />
        </Disclosure>
      )}
      <ul className="jp-MonaiWorkshop-list">
        {module.steps.map(step => (
          <Step
            key={step.id}
            module={module}
            step={step}
            current={step.id === props.focus}
          />
        ))}
      </ul>
    </Section>
  );
}

/** A running step tells of its kernel itself, but for one that died. */
function showsKernel(module: ModuleView): boolean {
  return (
    module.kernel === 'dead' ||
    !module.steps.some(step => step.state === 'running')
  );
}
