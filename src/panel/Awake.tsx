import React from 'react';
import { clock } from '../core/time';
import { usePanel } from './context';

/** Says that a cell which runs keeps the space from being shut down, and until when. */
export function Awake(props: {
  /** A moment in UTC, as ISO 8601 writes it. */
  readonly until: string;
}): JSX.Element {
  const { trans, locale } = usePanel();
  return (
    <p
      className="jp-MonaiWorkshop-awake jp-MonaiWorkshop-muted"
      data-part="awake"
    >
      {trans.__(
        'This space is kept awake while the cell runs, until %1 at the latest.',
        clock(props.until, locale)
      )}
    </p>
  );
}
