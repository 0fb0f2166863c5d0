import React, { type ReactNode, useId, useState } from 'react';
import type { State } from '../core/snapshot';
import { Mark } from './Mark';

/** A part of the panel with a heading; closing it hides what is below. */
export function Section(props: {
  readonly title: string;
  readonly state: State;
  /** A few words at the end of the heading. */
  readonly aside: string;
  readonly children: ReactNode;
}): JSX.Element {
  const [open, setOpen] = useState(true);
  const id = useId();
  return (
    <section
      className="jp-MonaiWorkshop-section"
      aria-labelledby={`${id}-title`}
    >
      <h3 id={`${id}-title`}>
        <button
          type="button"
          className="jp-MonaiWorkshop-toggle"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          <Mark icon="chevron" />
          <span className="jp-MonaiWorkshop-grow">{props.title}</span>
          <span className="jp-MonaiWorkshop-aside">{props.aside}</span>
          {props.state === 'done' && <Mark icon="done" />}
        </button>
      </h3>
      <div id={id} hidden={!open}>
        {props.children}
      </div>
    </section>
  );
}
