import React from 'react';
import type { ModuleView, StepView } from '../core/snapshot';
import { exactly, roughly } from '../core/time';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { Curves } from './Curves';
import { Exercises } from './Exercises';
import { FailedStep } from './FailedStep';
import { Findings } from './Findings';
import { Markdown } from './Markdown';
import { Metrics } from './Metrics';
import { Parameters } from './Parameters';
import { Row } from './Row';
import { Running } from './Running';
import { WaitsFor } from './WaitsFor';
import { waitNames } from './words';

/** One step of a module. */
export function Step(props: {
  readonly module: ModuleView;
  readonly step: StepView;
  readonly current: boolean;
}): JSX.Element {
  const { trans, locale, free, execute } = usePanel();
  const { module, step } = props;
  const metrics = step.training?.metrics ?? [];
  const runnable =
    step.state !== 'running' &&
    step.state !== 'blocked' &&
    !step.remedies.some(({ action }) => action === 'run');
  const run = () =>
    execute(CommandIDs.runStep, { module: module.id, step: step.id });
  const waits = step.state === 'blocked' ? step.waits_for : [];
  const said = waits.some(each => each.message === step.reason);
  const reason = step.reason && !said && (
    <p className="jp-MonaiWorkshop-reason">{step.reason}</p>
  );
  return (
    <Row
      module={module.id}
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
      {step.state === 'running' && <Running module={module} step={step} />}
      {step.failure && (
        <FailedStep module={module} step={step} failure={step.failure} />
      )}
      {step.state === 'failed' && <Findings found={step.found} />}
      <Curves step={step} />
      {step.state === 'blocked' && reason}
      {waits.length > 0 && <WaitsFor waits={waits} />}
      <Markdown source={step.text} />
      <Exercises module={module} step={step} />
      <Parameters module={module} parameters={step.parameters} />
      {step.state !== 'blocked' && !step.failure && reason}
      {step.state !== 'failed' && <Findings found={step.found} />}
      {runnable && (
        <div className="jp-MonaiWorkshop-buttons">
          <Button action="run" off={!free} onClick={run}>
            {step.state === 'ready'
              ? trans.__('Run step')
              : trans.__('Run step again')}
          </Button>
        </div>
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
