import React from 'react';

/** A bar that says how far something is; `null` when that is not known. */
export function ProgressBar(props: {
  readonly fraction: number | null;
  readonly label: string;
  /** The same in words, such as "Downloading 42%". */
  readonly text: string;
}): JSX.Element {
  const { fraction } = props;
  const now = fraction === null ? undefined : Math.round(fraction * 100);
  return (
    <div
      className="jp-MonaiWorkshop-bar"
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={now}
      aria-valuetext={props.text}
    >
      <div
        className={fraction === null ? 'jp-mod-unknown' : undefined}
        style={now === undefined ? undefined : { width: `${now}%` }}
      />
    </div>
  );
}
