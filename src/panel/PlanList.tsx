import React from 'react';
import type { InstallPlan } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { FailureCard } from './FailureCard';
import { useRead } from './reading';
import { megabytes } from './words';

/** What is installed for the workshop's kernel: name, version, size and source. */
export function PlanList(props: {
  /** Anything that changes when the plan should be read again. */
  readonly version: string;
}): JSX.Element {
  const { trans, readPlan, execute, occupied } = usePanel();
  const { value: answer, failure } = useRead(readPlan, props.version);
  if (failure) {
    return <FailureCard failure={failure} />;
  }
  if (answer === null) {
    return <p className="jp-MonaiWorkshop-muted">{trans.__('Loading…')}</p>;
  }
  if (answer.plan !== null) {
    return <PackageTable plan={answer.plan} />;
  }
  return (
    <>
      <p>
        {trans.__(
          'Not known yet. It is found out before anything is installed.'
        )}
      </p>
      <button
        type="button"
        className="jp-mod-styled jp-MonaiWorkshop-small"
        data-action="plan"
        aria-disabled={occupied}
        onClick={() => occupied || execute(CommandIDs.plan)}
      >
        {trans.__('Find out')}
      </button>
    </>
  );
}

function PackageTable(props: { readonly plan: InstallPlan }): JSX.Element {
  const { trans, locale } = usePanel();
  const { packages, python, torch } = props.plan;
  const known = packages.map(each => each.size ?? 0);
  const total = known.reduce((sum, size) => sum + size, 0);
  const base = torch
    ? trans.__(
        'On Python %1 with PyTorch %2, which stays as it is.',
        python,
        torch
      )
    : trans.__('On Python %1, which stays as it is.', python);
  if (packages.length === 0) {
    return <p>{trans.__('Nothing. %1', base)}</p>;
  }
  return (
    <>
      <p>
        {trans._n(
          '%1 package',
          '%1 packages',
          packages.length,
          packages.length
        )}
        {total > 0 && `, ${megabytes(trans, total, locale)}`}
        {'. '}
        {base}
      </p>
      <table className="jp-MonaiWorkshop-checks jp-MonaiWorkshop-packages">
        <thead>
          <tr>
            <th scope="col">{trans.__('Package')}</th>
            <th scope="col">{trans.__('Size')}</th>
            <th scope="col">{trans.__('From')}</th>
          </tr>
        </thead>
        <tbody>
          {packages.map(each => (
            <tr key={each.name} data-package={each.name}>
              <th scope="row">
                {each.name} {each.version}
              </th>
              <td>
                {each.size === null ? '–' : megabytes(trans, each.size, locale)}
              </td>
              <td>{each.source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
