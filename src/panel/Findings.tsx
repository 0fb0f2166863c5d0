import React from 'react';
import type { Found } from '../core/snapshot';
import { usePanel } from './context';
import { Mark } from './Mark';

/** What a step's check looked at and found; what does not hold comes first. */
export function Findings(props: {
  readonly found: readonly Found[];
}): JSX.Element | null {
  const { trans } = usePanel();
  const { found } = props;
  if (found.length === 0) {
    return null;
  }
  const sorted = [
    ...found.filter(each => !each.holds),
    ...found.filter(each => each.holds)
  ];
  return (
    <div className="jp-MonaiWorkshop-part" data-part="check">
      <p className="jp-MonaiWorkshop-heading">{trans.__('What was checked')}</p>
      <ul className="jp-MonaiWorkshop-findings">
        {sorted.map(({ text, holds, found: what }, index) => (
          <li key={`${index} ${text}`} data-holds={holds}>
            <Mark
              icon={holds ? 'check' : 'warn'}
              text={holds ? trans.__('Holds') : trans.__('Does not hold')}
            />
            <span className="jp-MonaiWorkshop-grow">
              {text}
              {what && (
                <span className="jp-MonaiWorkshop-muted jp-MonaiWorkshop-found">
                  {trans.__('Found: %1', what)}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
