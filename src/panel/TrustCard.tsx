import React from 'react';
import type { TrustView } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { Mark } from './Mark';

/** What a workshop would do that nobody answers for, and the one button that lets it. */
export function TrustCard(props: { readonly trust: TrustView }): JSX.Element {
  const { trans, locale, pending, execute } = usePanel();
  const { hosts, packages, cells, patches, expressions } = props.trust;
  const list = (names: readonly string[]) =>
    new Intl.ListFormat(locale, { type: 'conjunction' }).format(names);
  const title = trans.__('Do you trust this workshop?');
  return (
    <div
      role="group"
      aria-label={title}
      className="jp-MonaiWorkshop-notice"
      data-notice="trust"
    >
      <p className="jp-MonaiWorkshop-lead">
        <Mark icon="warn" />
        <span>{title}</span>
      </p>
      <p>
        {trans.__(
          'It does not come with this extension. Nothing of it is done until you trust it. Its notebooks can do whatever you can do here, so go on only if you know who made it.'
        )}
      </p>
      <ul className="jp-MonaiWorkshop-facts">
        <li>
          {trans._n(
            'It runs %1 cell of its notebooks.',
            'It runs %1 cells of its notebooks.',
            cells
          )}
        </li>
        {patches > 0 && (
          <li>
            {trans._n(
              'It changes %1 place in them.',
              'It changes %1 places in them.',
              patches
            )}
          </li>
        )}
        {expressions > 0 && (
          <li>
            {trans._n(
              'It evaluates %1 expression in their kernels.',
              'It evaluates %1 expressions in their kernels.',
              expressions
            )}
          </li>
        )}
        <li>
          {hosts.length > 0
            ? trans.__('It fetches files from %1.', list(hosts))
            : trans.__('It fetches no files.')}
        </li>
        <li>
          {packages.length > 0
            ? trans.__(
                'It installs, where they are missing: %1.',
                list(packages)
              )
            : trans.__('It installs no packages of its own.')}
        </li>
      </ul>
      <Disclosure label={trans.__('Where it lies')} open={false}>
        <p>{props.trust.folder}</p>
      </Disclosure>
      <div className="jp-MonaiWorkshop-buttons">
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          data-action="trust"
          aria-disabled={pending}
          onClick={() => pending || execute(CommandIDs.trust)}
        >
          {trans.__('Trust this workshop')}
        </button>
      </div>
    </div>
  );
}
