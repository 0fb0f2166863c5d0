import React from 'react';
import type { Primary } from '../core/primary';
import { roughly } from '../core/time';
import type { IPending } from '../tokens';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Mark } from './Mark';
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
  /** The title of the step that runs; empty when none does. */
  readonly running: string;
}): JSX.Element {
  const { trans, execute } = usePanel();
  const { offer } = props;
  const off = offer.kind === 'wait' || offer.kind === 'finished';
  const note = useNote(offer, props.pending, props.running);
  return (
    <div className="jp-MonaiWorkshop-primary">
      <button
        type="button"
        className="jp-mod-styled jp-mod-accept"
        data-action="next"
        data-offer={offer.kind}
        aria-disabled={off}
        onClick={() => off || execute(CommandIDs.next)}
      >
        {offer.kind === 'wait' && <Mark icon="running" />}
        {offer.kind === 'finished' && <Mark icon="done" />}
        <span>{primaryLabel(trans, offer)}</span>
      </button>
      {note && <p className="jp-MonaiWorkshop-muted">{note}</p>}
    </div>
  );
}

/** A few words below the button on what it does, or what is going on. */
function useNote(
  offer: Primary,
  pending: IPending | null,
  running: string
): string {
  const { trans, locale } = usePanel();
  if (pending) {
    return pendingWord(trans, pending.action);
  }
  switch (offer.kind) {
    case 'prepare':
      return trans.__(
        'Brings the notebooks and makes a kernel for them. Nothing of yours is overwritten.'
      );
    case 'run':
      return trans.__(
        'Takes about %1.',
        roughly(offer.place.step.expected, locale)
      );
    case 'bring-back':
      return offer.module.title;
    case 'finished':
      return trans.__(
        'Every step is done. The notebooks stay yours to explore.'
      );
    case 'wait':
      return running;
  }
}
