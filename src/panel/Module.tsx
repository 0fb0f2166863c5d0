import React from 'react';
import type { ModuleView } from '../core/snapshot';
import { countDone, expectedLeft } from '../core/steps';
import { roughly } from '../core/time';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
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
  const { trans, locale, pending, execute } = usePanel();
  const { module } = props;
  const done = countDone(module.steps);
  const count = trans.__('%1 of %2', done, module.steps.length);
  const left = expectedLeft(module.steps);
  const off = !props.there || pending;
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
        {left > 0 && (
          <span className="jp-MonaiWorkshop-muted">
            {trans.__('about %1', roughly(left, locale))}
          </span>
        )}
      </div>
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
