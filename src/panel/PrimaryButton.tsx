import React from 'react';
import type { Primary } from '../core/primary';
import { fraction, type IPlace, timeLeft } from '../core/steps';
import type { StepView } from '../core/snapshot';
import { percent, roughly } from '../core/time';
import type { IPending } from '../tokens';
import { CommandIDs } from '../tokens';
import { useDrift, usePanel } from './context';
import { Mark } from './Mark';
import { StopButton } from './StopButton';
import { pendingWord, primaryLabel } from './words';

/**
 * The one obvious next thing.
 *
 * It stays focusable while it cannot be pressed, so that who goes by keyboard does not
 * lose the place between two steps.
 */
export function PrimaryButton(props: {
  readonly offer: Primary;
  readonly pending: IPending | null;
  /** The step that runs; `null` when none does. */
  readonly running: IPlace | null;
}): JSX.Element {
  const { trans, execute } = usePanel();
  const { offer } = props;
  const off = offer.kind === 'wait' || offer.kind === 'finished';
  const shown = offer.kind === 'wait' ? props.running : null;
  const note = useNote(offer, props.pending, props.running);
  return (
    <div className="jp-MonaiWorkshop-primary">
      <div className="jp-MonaiWorkshop-now">
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          data-action="next"
          data-offer={offer.kind}
          aria-disabled={off}
          onClick={() => off || execute(CommandIDs.next)}
        >
          {offer.kind === 'wait' && (
            <Mark icon="running" text={shown ? trans.__('Running:') : ''} />
          )}
          {offer.kind === 'finished' && <Mark icon="done" />}
          <span>{shown?.step.title ?? primaryLabel(trans, offer)}</span>
        </button>
        {shown && <StopButton module={shown.module} />}
      </div>
      {note && <p className="jp-MonaiWorkshop-muted">{note}</p>}
    </div>
  );
}

/** A few words below the button on what it does, or what is going on. */
function useNote(
  offer: Primary,
  pending: IPending | null,
  running: IPlace | null
): string {
  const { trans, locale } = usePanel();
  const drift = useDrift(running !== null);
  if (pending && !running) {
    return pendingWord(trans, pending.action);
  }
  switch (offer.kind) {
    case 'prepare':
      return trans.__(
        'Brings the notebooks and makes a kernel for them. Nothing of yours is overwritten.'
      );
    case 'run':
      if (offer.place.step.exercises.some(({ open }) => open)) {
        return trans.__('An exercise: fill in the ??? of its cell first.');
      }
      return trans.__(
        'Takes about %1.',
        roughly(offer.place.step.expected, locale)
      );
    case 'bring-back':
      return offer.module.title;
    case 'trust':
      return '';
    case 'finished':
      return trans.__(
        'Every step is done. The notebooks stay yours to explore.'
      );
    case 'wait':
      return running ? progress(running.step) : '';
  }

  function progress(step: StepView): string {
    const done = fraction(step);
    const left = timeLeft(step, (step.elapsed ?? 0) + drift);
    const words = [
      done === null ? '' : percent(done, locale),
      left === null ? '' : trans.__('about %1 left', roughly(left, locale))
    ];
    return words.filter(word => word !== '').join(' · ');
  }
}
