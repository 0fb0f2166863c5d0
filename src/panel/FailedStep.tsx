import React from 'react';
import {
  hasValues,
  type ParameterValues,
  parametersOf,
  written
} from '../core/parameters';
import type { Failure, ModuleView, Remedy, StepView } from '../core/snapshot';
import { cellNumber } from '../core/steps';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { FailureCard } from './FailureCard';
import { Mark } from './Mark';

/** What went wrong in a step, in which cell, and the buttons that do the remedy. */
export function FailedStep(props: {
  readonly module: ModuleView;
  readonly step: StepView;
  readonly failure: Failure;
}): JSX.Element {
  const { trans, disabled } = usePanel();
  const { module, step, failure } = props;
  const remedies = step.remedies.filter(
    ({ action }) => action !== 'parameters' || !disabled.includes(action)
  );
  return (
    <FailureCard
      failure={failure}
      place={step.failed_cell && <Place module={module} step={step} />}
    >
      {remedies.length > 0 && (
        <ul
          className="jp-MonaiWorkshop-buttons"
          aria-label={trans.__('What helps')}
        >
          {remedies.map((remedy, index) => (
            <li key={index}>
              <RemedyButton module={module} step={step} remedy={remedy} />
            </li>
          ))}
        </ul>
      )}
    </FailureCard>
  );
}

/** Which cell failed, and the way there. */
function Place(props: {
  readonly module: ModuleView;
  readonly step: StepView;
}): JSX.Element | null {
  const { trans, pending, execute } = usePanel();
  const { module, step } = props;
  const cell = step.failed_cell;
  if (!cell) {
    return null;
  }
  const number = cellNumber(step, cell);
  const go = () =>
    pending ||
    execute(CommandIDs.openNotebook, {
      module: module.id,
      cell: String(cell.index)
    });
  return (
    <p className="jp-MonaiWorkshop-place">
      {number !== null && step.cells.length > 1 && (
        <>
          {trans.__('Cell %1 of the step', number)}
          {' · '}
        </>
      )}
      <button
        type="button"
        className="jp-MonaiWorkshop-link"
        data-action="go-to-cell"
        aria-disabled={pending}
        onClick={go}
      >
        {trans.__('Show the cell')}
      </button>
    </p>
  );
}

function RemedyButton(props: {
  readonly module: ModuleView;
  readonly step: StepView;
  readonly remedy: Remedy;
}): JSX.Element {
  const { trans, free, pending, execute } = usePanel();
  const { module, step, remedy } = props;
  const action = `remedy-${remedy.action}`;
  switch (remedy.action) {
    case 'prepare':
      return (
        <Button
          action={action}
          off={!free}
          onClick={() => execute(CommandIDs.prepare)}
        >
          {trans.__('Get everything ready again')}
        </Button>
      );
    case 'restart':
      return (
        <Button
          action={action}
          off={pending}
          onClick={() =>
            execute(CommandIDs.restartKernel, { module: module.id })
          }
        >
          {trans.__('Restart kernel')}
        </Button>
      );
    case 'run':
      return (
        <Button
          action={action}
          off={!free}
          onClick={() =>
            execute(CommandIDs.runStep, { module: module.id, step: step.id })
          }
        >
          {trans.__('Run step again')}
        </Button>
      );
    case 'parameters':
      return <SetButton module={module} values={remedy.values ?? {}} />;
    case 'profile':
      return <ProfileButton profile={remedy.profile ?? ''} />;
  }
}

/** Chooses a profile; once it is in use, says so. */
function ProfileButton(props: {
  readonly profile: string;
}): JSX.Element | null {
  const { trans, free, execute, profiles } = usePanel();
  const profile = profiles.find(each => each.id === props.profile);
  if (!profile) {
    return null;
  }
  if (profile.state === 'on') {
    return (
      <span className="jp-MonaiWorkshop-set" data-remedy="set">
        <Mark icon="done" text={trans.__('Done')} />
        {profile.title}
      </span>
    );
  }
  return (
    <Button
      action="remedy-profile"
      off={!free}
      onClick={() => execute(CommandIDs.setProfile, { profile: profile.id })}
    >
      {trans.__('Use: %1', profile.title)}
    </Button>
  );
}

/** Sets values in the notebook; once they are set, says so. */
function SetButton(props: {
  readonly module: ModuleView;
  readonly values: ParameterValues;
}): JSX.Element {
  const { trans, free, execute } = usePanel();
  const { module, values } = props;
  const parameters = parametersOf(module, Object.keys(values));
  const words = parameters
    .map(({ id, title }) => trans.__('%1: %2', title, written(values[id]!)))
    .join(', ');
  if (hasValues(module, values)) {
    return (
      <span className="jp-MonaiWorkshop-set" data-remedy="set">
        <Mark icon="done" text={trans.__('Done')} />
        {words}
      </span>
    );
  }
  return (
    <Button
      action="remedy-parameters"
      off={!free || parameters.length === 0}
      onClick={() =>
        execute(CommandIDs.setParameters, {
          module: module.id,
          values: JSON.stringify(values)
        })
      }
    >
      {trans.__('Set %1', words)}
    </Button>
  );
}
