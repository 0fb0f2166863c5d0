import React from 'react';
import type { Waiting } from '../core/snapshot';
import { percent } from '../core/time';
import { usePanel } from './context';
import { ProgressBar } from './ProgressBar';
import { partTitle } from './words';

/** What a step still waits for, and how much of it is there. */
export function WaitsFor(props: {
  readonly waits: readonly Waiting[];
}): JSX.Element {
  const { trans, locale } = usePanel();
  return (
    <ul
      className="jp-MonaiWorkshop-waits"
      aria-label={trans.__('What is still missing')}
    >
      {props.waits.map(({ part, data, message, fraction }) => (
        <li key={`${part} ${data}`} data-part={part} data-set={data}>
          <p className="jp-MonaiWorkshop-reason">{message}</p>
          {fraction !== null && (
            <ProgressBar
              fraction={fraction}
              label={data || partTitle(trans, part)}
              text={percent(fraction, locale)}
            />
          )}
        </li>
      ))}
    </ul>
  );
}
