import React, { useState } from 'react';
import { finalMetrics, relativeTo } from '../core/report';
import type { Snapshot } from '../core/snapshot';
import { moment } from '../core/time';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { Metrics } from './Metrics';

/** The end: what was reached in each module, and the report to keep. */
export function Finished(props: { readonly snapshot: Snapshot }): JSX.Element {
  const { trans, locale, pending, occupied, execute } = usePanel();
  const { modules, report, folder } = props.snapshot;
  const trained = modules.filter(each => finalMetrics(each).length > 0);
  const [source, setSource] = useState(false);
  const write = () => execute(CommandIDs.writeReport, source ? { source } : {});
  return (
    <div className="jp-MonaiWorkshop-finished">
      {trained.length > 0 && (
        <ul aria-label={trans.__('Results')}>
          {trained.map(module => (
            <li key={module.id} data-result={module.id}>
              <span className="jp-MonaiWorkshop-muted">{module.title}</span>
              <Metrics metrics={finalMetrics(module)} />
            </li>
          ))}
        </ul>
      )}
      <label className="jp-MonaiWorkshop-choice">
        <input
          type="checkbox"
          data-action="source"
          checked={source}
          onChange={event => setSource(event.target.checked)}
        />
        <span>{trans.__('Show the code of my cells in the report')}</span>
      </label>
      <div className="jp-MonaiWorkshop-buttons">
        {report && (
          <Button
            action="open-report"
            off={pending}
            title={trans.__('Written %1', moment(report.when, locale))}
            onClick={() =>
              execute(CommandIDs.openFile, {
                path: relativeTo(folder, report.path)
              })
            }
          >
            {trans.__('Open the report')}
          </Button>
        )}
        <Button
          action="report"
          off={occupied}
          quiet={report !== null}
          title={trans.__(
            'What ran, when, how long, on what, and how well, as one file beside the notebooks'
          )}
          onClick={write}
        >
          {report ? trans.__('Write it again') : trans.__('Write the report')}
        </Button>
      </div>
    </div>
  );
}
