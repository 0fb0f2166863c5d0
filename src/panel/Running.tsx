import React, { Fragment } from 'react';
import type { ModuleView, StepView } from '../core/snapshot';
import { fraction, timeLeft } from '../core/steps';
import { exactly, percent, roughly } from '../core/time';
import { useDrift, usePanel } from './context';
import { KernelNotice } from './KernelNotice';
import { Metrics } from './Metrics';
import { ProgressBar } from './ProgressBar';
import { StopButton } from './StopButton';
import { countWords } from './trainingWords';

/** A running step: how far, how long still, and the way to stop it. */
export function Running(props: {
  readonly module: ModuleView;
  readonly step: StepView;
}): JSX.Element {
  const { trans, locale } = usePanel();
  const { module, step } = props;
  const elapsed = (step.elapsed ?? 0) + useDrift(true);
  const left = timeLeft(step, elapsed);
  const done = fraction(step);
  const counts = countWords(trans, module, step, locale);
  const drawn = step.training?.curves.map(curve => curve.name) ?? [];
  const metrics = step.training?.metrics.filter(
    ({ name }) => !drawn.includes(name)
  );
  const text = done === null ? trans.__('Running') : percent(done, locale);
  return (
    <div className="jp-MonaiWorkshop-running">
      <ProgressBar fraction={done} label={step.title} text={text} />
      <div className="jp-MonaiWorkshop-line">
        <div className="jp-MonaiWorkshop-grow">
          {left !== null && (
            <p className="jp-MonaiWorkshop-left">
              {trans.__('about %1 left', roughly(left, locale))}
            </p>
          )}
          <p>{trans.__('%1 so far', exactly(elapsed, locale))}</p>
        </div>
        <StopButton module={module} />
      </div>
      {counts.length > 0 && (
        <p className="jp-MonaiWorkshop-counts jp-MonaiWorkshop-muted">
          {counts.map((count, index) => (
            <Fragment key={index}>
              {index > 0 && ' · '}
              <span>{count}</span>
            </Fragment>
          ))}
        </p>
      )}
      {module.kernel !== 'dead' && <KernelNotice module={module} />}
      {metrics && metrics.length > 0 && (
        <p>
          <Metrics metrics={metrics} />
        </p>
      )}
    </div>
  );
}
