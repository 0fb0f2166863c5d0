import React, { useId, useState } from 'react';
import type { ModuleView, StepView } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { Mark } from './Mark';

/** What the attendee does alone in a step's cells: first a hint, then the solution. */
export function Exercises(props: {
  readonly module: ModuleView;
  readonly step: StepView;
}): JSX.Element | null {
  const { trans, free, execute } = usePanel();
  const [hinted, hint] = useState(false);
  const id = useId();
  const { module, step } = props;
  const open = step.exercises.filter(each => each.open);
  const hints = open.map(each => each.hint).filter(text => text !== '');
  if (step.exercises.length === 0) {
    return null;
  }
  if (open.length === 0) {
    return (
      <p className="jp-MonaiWorkshop-lead jp-mod-plain" data-part="exercise">
        <Mark icon="check" />
        <span>
          {trans._n(
            'The exercise is done.',
            'The exercises are done.',
            step.exercises.length
          )}
        </span>
      </p>
    );
  }
  const solution =
    open.some(each => each.solved) && (hinted || hints.length === 0);
  return (
    <div className="jp-MonaiWorkshop-notice" data-part="exercise">
      <p className="jp-MonaiWorkshop-lead">
        <span>
          {trans._n(
            'Your turn: an exercise',
            'Your turn: %1 exercises',
            open.length,
            open.length
          )}
        </span>
      </p>
      <p>{trans.__('Put your own code where the notebook says ???.')}</p>
      <div id={id} hidden={!hinted}>
        {hinted && hints.map((text, index) => <p key={index}>{text}</p>)}
      </div>
      <div className="jp-MonaiWorkshop-buttons">
        {hints.length > 0 && (
          <Button
            action="hint"
            expanded={hinted}
            controls={id}
            onClick={() => hint(!hinted)}
          >
            {trans.__('Hint')}
          </Button>
        )}
        {solution && (
          <Button
            action="solution"
            off={!free}
            title={trans.__('Fills it in; Undo in the notebook takes it back')}
            onClick={() =>
              execute(CommandIDs.showSolution, {
                module: module.id,
                step: step.id
              })
            }
          >
            {trans.__('Show solution')}
          </Button>
        )}
      </div>
    </div>
  );
}
