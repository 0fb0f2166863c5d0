import React from 'react';
import type { PreparationPart } from '../core/snapshot';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { FailureCard } from './FailureCard';
import { PatchList } from './PatchList';
import { Row } from './Row';
import { Section } from './Section';
import { partTitle } from './words';

/** What has to be there before the first step. */
export function Preparation(props: {
  readonly parts: readonly PreparationPart[];
}): JSX.Element {
  const { trans } = usePanel();
  const done = props.parts.filter(part => part.state === 'done').length;
  const state = done === props.parts.length ? 'done' : 'ready';
  return (
    <Section
      title={trans.__('Get ready')}
      state={state}
      aside={trans.__('%1 of %2', done, props.parts.length)}
    >
      <ul className="jp-MonaiWorkshop-list">
        {props.parts.map(part => (
          <Row
            key={part.name}
            module="prepare"
            step={part.name}
            state={part.state}
            title={partTitle(trans, part.name)}
            current={part.state === 'failed'}
          >
            {part.failure ? (
              <FailureCard failure={part.failure} />
            ) : (
              <p>{part.message}</p>
            )}
            {part.name === 'patches' && part.state !== 'blocked' && (
              <Disclosure
                label={
                  part.state === 'done'
                    ? trans.__('What changed')
                    : trans.__('What will change')
                }
                open={false}
              >
                <PatchList version={`${part.state} ${part.message}`} />
              </Disclosure>
            )}
          </Row>
        ))}
      </ul>
    </Section>
  );
}
