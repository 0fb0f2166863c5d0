import React from 'react';
import type { ModuleView } from '../core/snapshot';
import { countDone, expectedLeft } from '../core/steps';
import { roughly } from '../core/time';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { Mark } from './Mark';
import { Markdown } from './Markdown';
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
  const { trans, locale, pending, settled, execute } = usePanel();
  const { module } = props;
  const done = countDone(module.steps);
  const count = trans.__('%1 of %2', done, module.steps.length);
  const left = expectedLeft(module.steps);
  const off = !props.there || module.absent || pending;
  const fixed = !props.there || !settled;
  const startAgain = () =>
    fixed || execute(CommandIDs.startAgain, { module: module.id });
  return (
    <Section title={module.title} state={module.state} aside={count}>
      <div className="jp-MonaiWorkshop-moduleBar">
        <button
          type="button"
          className="jp-mod-styled jp-MonaiWorkshop-small"
          data-action="open"
          data-module={module.id}
          aria-disabled={off}
          title={module.notebook}
          onClick={() =>
            off || execute(CommandIDs.openNotebook, { module: module.id })
          }
        >
          {trans.__('Open notebook')}
        </button>
        {props.there && !module.absent && (
          <button
            type="button"
            className="jp-mod-styled jp-MonaiWorkshop-small jp-mod-quiet"
            data-action="start-again"
            data-module={module.id}
            aria-disabled={fixed}
            aria-label={trans.__('Start again: %1', module.title)}
            title={trans.__('Begin with a fresh notebook; yours is kept')}
            onClick={startAgain}
          >
            {trans.__('Start again')}
          </button>
        )}
        {left > 0 && (
          <span className="jp-MonaiWorkshop-muted">
            {trans.__('about %1', roughly(left, locale))}
          </span>
        )}
      </div>
      {module.absent && (
        <div className="jp-MonaiWorkshop-notice" data-notice="absent">
          <p className="jp-MonaiWorkshop-lead">
            <Mark icon="warn" />
            <span>{trans.__('The notebook is not there any more')}</span>
          </p>
          <div className="jp-MonaiWorkshop-buttons">
            <button
              type="button"
              className="jp-mod-styled jp-MonaiWorkshop-small"
              data-action="bring-back"
              data-module={module.id}
              aria-disabled={fixed}
              onClick={startAgain}
            >
              {trans.__('Bring the notebook back')}
            </button>
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
            module={module.id}
            step={step}
            current={step.id === props.focus}
          />
        ))}
      </ul>
    </Section>
  );
}
