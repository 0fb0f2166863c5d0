import React from 'react';
import type { StepView } from '../core/snapshot';
import { exactly, roughly } from '../core/time';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { FailureCard } from './FailureCard';
import { Markdown } from './Markdown';
import { Metrics } from './Metrics';
import { Row } from './Row';
import { Running } from './Running';
import { WaitsFor } from './WaitsFor';
import { waitNames } from './words';

/** One step of a module. */
export function Step(props: {
  readonly module: string;
  readonly step: StepView;
  readonly current: boolean;
}): JSX.Element {
  const { trans, locale, free, execute } = usePanel();
  const { module, step } = props;
  const metrics = step.training?.metrics ?? [];
  const runnable = step.state !== 'running' && step.state !== 'blocked';
  const run = () =>
    free && execute(CommandIDs.runStep, { module, step: step.id });
  const waits = step.state === 'blocked' ? step.waits_for : [];
  const said = waits.some(each => each.message === step.reason);
  const reason = step.reason && !said && (
    <p className="jp-MonaiWorkshop-reason">{step.reason}</p>
  );
  return (
    <Row
      module={module}
      step={step.id}
      state={step.state}
      title={step.title}
      current={props.current}
      aside={<Aside step={step} />}
      note={
        step.state === 'done' && metrics.length > 0 ? (
          <Metrics metrics={metrics} />
        ) : waits.some(each => each.fraction !== null) ? (
          <span className="jp-MonaiWorkshop-muted">
            {trans.__('Waits for: %1', waitNames(trans, waits, locale))}
          </span>
        ) : undefined
      }
    >
      {step.state === 'running' && <Running step={step} />}
      {step.failure && <FailureCard failure={step.failure} />}
      {step.state === 'blocked' && reason}
      {waits.length > 0 && <WaitsFor waits={waits} />}
      <Markdown source={step.text} />
      {step.state !== 'blocked' && !step.failure && reason}
      {runnable && (
        <button
          type="button"
          className="jp-mod-styled jp-MonaiWorkshop-small"
          data-action="run"
          aria-disabled={!free}
          onClick={run}
        >
          {step.state === 'ready'
            ? trans.__('Run step')
            : trans.__('Run step again')}
        </button>
      )}
    </Row>
  );
}

/** How long the step should take, or took. */
function Aside(props: { readonly step: StepView }): JSX.Element | null {
  const { trans, locale } = usePanel();
  const { state, elapsed, expected } = props.step;
  if (state === 'running') {
    return null;
  }
  if (elapsed !== null && state === 'done') {
    return (
      <span title={trans.__('Time it took')}>{exactly(elapsed, locale)}</span>
    );
  }
  return (
    <span title={trans.__('Expected time')}>
      {trans.__('~ %1', roughly(expected, locale))}
    </span>
  );
}
