import React from 'react';
import type { Snapshot } from '../core/snapshot';
import { type ILight, isTelling, isWarning, verdicts } from '../core/strip';
import { moment } from '../core/time';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { Mark } from './Mark';
import { SHAPES } from './Strip';
import { lightMessage, lightTitle, lightWord, warningsWord } from './words';

/** The verdicts behind the strip: what was found, what is asked for, what to do. */
export function Machine(props: {
  readonly snapshot: Snapshot;
  /** Whether warnings should be seen without asking. */
  readonly prominent: boolean;
}): JSX.Element {
  const { trans, locale, occupied, execute } = usePanel();
  const rows = verdicts(props.snapshot);
  const checked = props.snapshot.preflight?.checked;
  return (
    <Disclosure
      kind="machine"
      label={
        <>
          {trans.__('About this machine')}{' '}
          <span className="jp-MonaiWorkshop-count">
            {warningsWord(trans, rows)}
          </span>
        </>
      }
      open={rows.some(isWarning) && props.prominent}
    >
      <table className="jp-MonaiWorkshop-checks">
        <thead>
          <tr>
            <th scope="col">{trans.__('Check')}</th>
            <th scope="col">{trans.__('Found')}</th>
            <th scope="col">{trans.__('Asked for')}</th>
          </tr>
        </thead>
        {rows.map(row => (
          <Verdict key={row.name} row={row} />
        ))}
      </table>
      <div className="jp-MonaiWorkshop-line">
        <button
          type="button"
          className="jp-mod-styled jp-MonaiWorkshop-small"
          data-action="preflight"
          aria-disabled={occupied}
          onClick={() => occupied || execute(CommandIDs.preflight)}
        >
          {trans.__('Check again')}
        </button>
        {checked && (
          <span className="jp-MonaiWorkshop-muted">
            {moment(checked, locale)}
          </span>
        )}
      </div>
    </Disclosure>
  );
}

/** One verdict: its figures in a row, and below it the sentence and what to do. */
function Verdict(props: { readonly row: ILight }): JSX.Element {
  const { trans, locale } = usePanel();
  const { row } = props;
  return (
    <tbody data-check={row.name} data-level={row.level}>
      <tr>
        <th scope="row">
          <span className="jp-MonaiWorkshop-verdict">
            <Mark icon={SHAPES[row.level]} />
            <span>
              {lightTitle(trans, row.name)}{' '}
              <span className="jp-MonaiWorkshop-muted">
                {lightWord(trans, row.word)}
              </span>
            </span>
          </span>
        </th>
        <td>{row.found || '–'}</td>
        <td>{row.wanted || '–'}</td>
      </tr>
      {isTelling(row) && (
        <tr className="jp-MonaiWorkshop-telling">
          <td colSpan={3}>
            <p>{lightMessage(trans, row, locale)}</p>
            {row.remedy && (
              <p className="jp-MonaiWorkshop-remedy">{row.remedy}</p>
            )}
            {row.details && (
              <Disclosure label={trans.__('Details')} open={false}>
                <p className="jp-MonaiWorkshop-details">{row.details}</p>
              </Disclosure>
            )}
          </td>
        </tr>
      )}
    </tbody>
  );
}
