import React, {
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState
} from 'react';
import type { State } from '../core/snapshot';
import { usePanel } from './context';
import type { IconName } from './icons';
import { Mark } from './Mark';
import { stateWord } from './words';

/** Milliseconds until a row that opened has its text and so its height. */
const RENDERED = 200;

/** A line of a list: a state, a title, a time; the rest when it is opened. */
export function Row(props: {
  readonly module: string;
  readonly step: string;
  readonly state: State;
  readonly title: string;
  /** Whether this is what the attendee should look at now. */
  readonly current: boolean;
  /** At the end of the line. */
  readonly aside?: ReactNode;
  /** Below the title, seen without opening. */
  readonly note?: ReactNode;
  /** Below the line, seen without opening. */
  readonly below?: ReactNode;
  /** Seen when opened. */
  readonly children: ReactNode;
}): JSX.Element {
  const { trans } = usePanel();
  const { state, current } = props;
  const [chosen, choose] = useState({ open: current, while: current });
  const id = useId();
  // What the attendee chose holds until the attention moves to this row, or away.
  const open = chosen.while === current ? chosen.open : current;
  const icon: IconName = state === 'ready' && current ? 'next' : state;
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!current) {
      return;
    }
    const timer = setTimeout(
      () => line.current?.scrollIntoView?.({ block: 'nearest' }),
      RENDERED
    );
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <li
      ref={line}
      className="jp-MonaiWorkshop-row"
      data-module={props.module}
      data-step={props.step}
      data-state={state}
      aria-current={current ? 'step' : undefined}
    >
      <button
        type="button"
        className="jp-MonaiWorkshop-toggle"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => choose({ open: !open, while: current })}
      >
        <Mark icon={icon} text={stateWord(trans, state)} />
        <span className="jp-MonaiWorkshop-grow">
          <span className="jp-MonaiWorkshop-name">{props.title}</span>
        </span>
        {props.aside && (
          <span className="jp-MonaiWorkshop-aside">{props.aside}</span>
        )}
        {props.note && (
          <span className="jp-MonaiWorkshop-note">{props.note}</span>
        )}
      </button>
      {props.below && (
        <div className="jp-MonaiWorkshop-below">{props.below}</div>
      )}
      <div id={id} className="jp-MonaiWorkshop-body" hidden={!open}>
        {open && props.children}
      </div>
    </li>
  );
}
