import React from 'react';
import type { StepView } from '../core/snapshot';
import { fraction, timeLeft } from '../core/steps';
import { exactly, percent, roughly } from '../core/time';
import { useDrift, usePanel } from './context';
import { Metrics } from './Metrics';
import { ProgressBar } from './ProgressBar';

/** A running step: how far, how long still, and is it any good. */
export function Running(props: { readonly step: StepView }): JSX.Element {
  const { trans, locale } = usePanel();
  const { step } = props;
  const elapsed = (step.elapsed ?? 0) + useDrift(true);
  const left = timeLeft(step, elapsed);
  const done = fraction(step);
  const training = step.training;
  const counts: string[] = [];
  if (step.cells.length > 1) {
    counts.push(
      trans.__(
        'Cell %1 of %2',
        Math.min(step.cells_done + 1, step.cells.length),
        step.cells.length
      )
    );
  }
  if (training?.epoch) {
    counts.push(ofTotal(trans.__('Epoch'), training.epoch, training.epochs));
  }
  if (training?.step) {
    counts.push(ofTotal(trans.__('Step'), training.step, training.steps));
  }
  const text = done === null ? trans.__('Running') : percent(done, locale);
  return (
    <div className="jp-MonaiWorkshop-running">
      <ProgressBar fraction={done} label={step.title} text={text} />
      <p className="jp-MonaiWorkshop-line">
        <span className="jp-MonaiWorkshop-grow">
          {exactly(elapsed, locale)}
        </span>
        <span>
          {left === null
            ? ''
            : trans.__('about %1 left', roughly(left, locale))}
        </span>
      </p>
      {counts.length > 0 && (
        <p className="jp-MonaiWorkshop-muted">{counts.join(' · ')}</p>
      )}
      {training && training.metrics.length > 0 && (
        <p>
          <Metrics metrics={training.metrics} />
        </p>
      )}
    </div>
  );
}

function ofTotal(word: string, amount: number, total: number | null): string {
  return total === null ? `${word} ${amount}` : `${word} ${amount}/${total}`;
}
