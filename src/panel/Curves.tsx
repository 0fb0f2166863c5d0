import React, { useEffect, useRef, useState } from 'react';
import { extent, shownCurves, summary } from '../core/curves';
import type { Curve, StepView, TrainingView } from '../core/snapshot';
import { decimal } from '../core/time';
import { usePanel } from './context';
import { Plot } from './plot';
import { curveText } from './trainingWords';

/** The metrics of a training over time, a small chart each. */
export function Curves(props: { readonly step: StepView }): JSX.Element | null {
  const { training, state } = props.step;
  const curves = shownCurves(training);
  if (training === null || curves.length === 0) {
    return null;
  }
  return (
    <div className="jp-MonaiWorkshop-curves">
      {curves.map(curve => (
        <CurveFigure
          key={`${curve.by} ${curve.name}`}
          curve={curve}
          training={training}
          running={state === 'running'}
        />
      ))}
    </div>
  );
}

/** One metric: its name, its value now or where one points, and its curve. */
function CurveFigure(props: {
  readonly curve: Curve;
  readonly training: TrainingView;
  readonly running: boolean;
}): JSX.Element {
  const { trans, locale } = usePanel();
  const { curve, training, running } = props;
  const [pointed, point] = useState<number | null>(null);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const [from, to] = extent(curve, training, running);
  useEffect(() => {
    if (host.current === null) {
      return;
    }
    const made = new Plot({ host: host.current, locale, onPoint: point });
    plot.current = made;
    return () => made.dispose();
  }, [locale]);
  useEffect(() => {
    plot.current?.show(curve, [from, to]);
  }, [curve, from, to, locale]);
  const { last } = summary(curve);
  const place = pointed === null ? undefined : curve.x[pointed];
  const value = place === undefined ? last : (curve.y[pointed!] ?? null);
  const number = (given: number | null) =>
    given === null
      ? trans.__('not a number')
      : decimal(given, curve.digits, locale);
  const at = (x: number) =>
    curve.by === 'epoch'
      ? trans.__('Epoch %1', decimal(x, 0, locale))
      : trans.__('Step %1', decimal(x, 0, locale));
  return (
    <figure
      className="jp-MonaiWorkshop-curve"
      data-curve={curve.name}
      data-by={curve.by}
    >
      <figcaption>
        <span
          className="jp-MonaiWorkshop-grow jp-MonaiWorkshop-ellipsis"
          title={
            curve.better === 'lower'
              ? trans.__('%1: lower is better', curve.title)
              : trans.__('%1: higher is better', curve.title)
          }
        >
          {curve.title}
        </span>
        {place !== undefined && (
          <span className="jp-MonaiWorkshop-muted">{at(place)}</span>
        )}
        <strong>{number(value)}</strong>
      </figcaption>
      <div ref={host} role="img" aria-label={curveText(trans, curve, locale)} />
      <div className="jp-MonaiWorkshop-axis" aria-hidden="true">
        <span>{at(Math.ceil(from))}</span>
        <span>{decimal(Math.floor(to), 0, locale)}</span>
      </div>
    </figure>
  );
}
