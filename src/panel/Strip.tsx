import React from 'react';
import { type ILight, isWarning, type Level } from '../core/strip';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import type { IconName } from './icons';
import { Mark } from './Mark';
import { lightMessage, lightTitle, lightWord } from './words';

const SHAPES: Record<Level, IconName> = {
  pass: 'done',
  warn: 'warn',
  fail: 'failed',
  unknown: 'unknown',
  busy: 'running',
  none: 'blocked'
};

/** GPU, kernel and disk at a glance: a word, a colour and a shape each. */
export function Strip(props: {
  readonly lights: readonly ILight[];
}): JSX.Element {
  const { trans } = usePanel();
  return (
    <ul className="jp-MonaiWorkshop-strip" aria-label={trans.__('Machine')}>
      {props.lights.map(light => (
        <li
          key={light.name}
          data-light={light.name}
          data-level={light.level}
          title={lightMessage(trans, light)}
        >
          <Mark icon={SHAPES[light.level]} />
          <span>
            <span className="jp-MonaiWorkshop-muted">
              {lightTitle(trans, light.name)}
            </span>{' '}
            <span className="jp-MonaiWorkshop-word">
              {lightWord(trans, light.word)}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The verdicts behind the strip and what to do about them. */
export function Machine(props: {
  readonly lights: readonly ILight[];
  /** Whether warnings should be seen without asking. */
  readonly prominent: boolean;
}): JSX.Element {
  const { trans, occupied, execute } = usePanel();
  const warned = props.lights.some(isWarning);
  return (
    <Disclosure
      kind="machine"
      label={trans.__('About this machine')}
      open={warned && props.prominent}
    >
      <dl className="jp-MonaiWorkshop-machine">
        {props.lights.map(light => (
          <div key={light.name} data-level={light.level}>
            <dt>
              <Mark icon={SHAPES[light.level]} />
              <span>{lightTitle(trans, light.name)}</span>
              <span className="jp-MonaiWorkshop-muted">{light.found}</span>
            </dt>
            <dd>{lightMessage(trans, light)}</dd>
            {light.remedy && <dd>{light.remedy}</dd>}
          </div>
        ))}
      </dl>
      <button
        type="button"
        className="jp-mod-styled jp-MonaiWorkshop-small"
        data-action="preflight"
        aria-disabled={occupied}
        onClick={() => occupied || execute(CommandIDs.preflight)}
      >
        {trans.__('Check again')}
      </button>
    </Disclosure>
  );
}
