import React, { type ReactNode } from 'react';

/**
 * A small button.
 *
 * It stays focusable while it is off, so that who goes by keyboard does not lose the place.
 */
export function Button(props: {
  /** What it does, for styles and tests. */
  readonly action: string;
  readonly onClick: () => void;
  /** Whether it can do nothing now. */
  readonly off?: boolean;
  /** Whether it is drawn without a border. */
  readonly quiet?: boolean;
  /** Its whole name, where what it says does not tell it from others. */
  readonly name?: string | undefined;
  /** More words, shown when it is pointed at. */
  readonly title?: string | undefined;
  /** Whether what it opens is open. */
  readonly expanded?: boolean;
  /** The id of what it opens. */
  readonly controls?: string;
  /** The module that it is about. */
  readonly module?: string;
  readonly children: ReactNode;
}): JSX.Element {
  const { action, off = false, quiet = false } = props;
  return (
    <button
      type="button"
      className={`jp-mod-styled jp-MonaiWorkshop-small${quiet ? ' jp-mod-quiet' : ''}`}
      data-action={action}
      data-module={props.module}
      aria-disabled={off}
      aria-label={props.name}
      aria-expanded={props.expanded}
      aria-controls={props.controls}
      title={props.title}
      onClick={() => off || props.onClick()}
    >
      {props.children}
    </button>
  );
}
