import React, { type ReactNode, useId, useState } from 'react';
import { Mark } from './Mark';

/** A line that opens and closes what stands below it. */
export function Disclosure(props: {
  /** What the line says. */
  readonly label: ReactNode;
  /** Whether it is open while the attendee has not said otherwise. */
  readonly open: boolean;
  /** A word for styles. */
  readonly kind?: string;
  readonly onToggle?: (open: boolean) => void;
  readonly children: ReactNode;
}): JSX.Element {
  const [chosen, choose] = useState<boolean | null>(null);
  const id = useId();
  const open = chosen ?? props.open;
  const toggle = () => {
    choose(!open);
    props.onToggle?.(!open);
  };
  return (
    <div
      className={`jp-MonaiWorkshop-disclosure jp-mod-${props.kind ?? 'plain'}`}
    >
      <button
        type="button"
        className="jp-MonaiWorkshop-toggle"
        aria-expanded={open}
        aria-controls={id}
        onClick={toggle}
      >
        <Mark icon="chevron" />
        <span className="jp-MonaiWorkshop-grow">{props.label}</span>
      </button>
      <div id={id} hidden={!open}>
        {open && props.children}
      </div>
    </div>
  );
}
