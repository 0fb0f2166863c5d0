import React from 'react';
import type { MetricValue } from '../core/snapshot';
import { decimal } from '../core/time';
import { usePanel } from './context';

/** The last values of what a training measures: "Accuracy 0.9833". */
export function Metrics(props: {
  readonly metrics: readonly MetricValue[];
}): JSX.Element {
  const { locale } = usePanel();
  return (
    <span className="jp-MonaiWorkshop-metrics">
      {props.metrics.map(metric => (
        <span key={metric.name} data-metric={metric.name}>
          {metric.title}{' '}
          <strong>{decimal(metric.value, metric.digits, locale)}</strong>
        </span>
      ))}
    </span>
  );
}
