import React from 'react';
import { type IconName, icons } from './icons';

/** A shape with a colour; what it means stands beside it as text, or in `text`. */
export function Mark(props: {
  readonly icon: IconName;
  /** Said by screen readers; leave out where the meaning stands beside the mark. */
  readonly text?: string;
}): JSX.Element {
  const Icon = icons[props.icon].react;
  return (
    <span className={`jp-MonaiWorkshop-mark jp-mod-${props.icon}`}>
      <Icon tag="span" aria-hidden="true" />
      {props.text && (
        <span className="jp-MonaiWorkshop-hidden">{props.text}</span>
      )}
    </span>
  );
}
