import React from 'react';
import type { ILight, Level } from '../core/strip';
import { usePanel } from './context';
import type { IconName } from './icons';
import { Mark } from './Mark';
import { figureWord, lightMessage, lightTitle, lightWord } from './words';

/** The shape of each level. */
export const SHAPES: Record<Level, IconName> = {
  pass: 'done',
  warn: 'warn',
  fail: 'failed',
  unknown: 'unknown',
  busy: 'running',
  none: 'blocked'
};

/**
 * GPU, kernel and disk at a glance: a word, a colour and a shape each; and, while a
 * training runs, what it uses of the machine.
 */
export function Strip(props: {
  readonly lights: readonly ILight[];
}): JSX.Element {
  const { trans, locale } = usePanel();
  return (
    <ul className="jp-MonaiWorkshop-strip" aria-label={trans.__('Machine')}>
      {props.lights.map(light => (
        <li
          key={light.name}
          data-light={light.name}
          data-level={light.level}
          title={lightMessage(trans, light, locale)}
        >
          <Mark icon={SHAPES[light.level]} />
          <span>
            <span className="jp-MonaiWorkshop-muted">
              {lightTitle(trans, light.name)}
            </span>{' '}
            <span className="jp-MonaiWorkshop-word">
              {lightWord(trans, light.word)}
            </span>
            {light.figure && (
              <>
                {' '}
                <span className="jp-MonaiWorkshop-figure">
                  {figureWord(trans, light.figure, locale)}
                </span>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
