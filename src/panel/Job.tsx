import React from 'react';
import type { JobStatus } from '../core/snapshot';
import { percent } from '../core/time';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { ProgressBar } from './ProgressBar';
import { jobTitle, phaseWord } from './words';

/** A running job: how far it is, what it does, and the way to stop it. */
export function Job(props: { readonly job: JobStatus }): JSX.Element {
  const { trans, locale, execute } = usePanel();
  const { job } = props;
  const title = jobTitle(trans, job.kind);
  const phase = phaseWord(trans, job.phase);
  const amount = job.fraction === null ? '' : percent(job.fraction, locale);
  return (
    <div className="jp-MonaiWorkshop-job" data-job={job.kind}>
      <div className="jp-MonaiWorkshop-line">
        <span className="jp-MonaiWorkshop-grow">{title}</span>
        <span>{amount}</span>
      </div>
      <ProgressBar
        fraction={job.fraction}
        label={title}
        text={`${phase} ${amount}`.trim()}
      />
      <div className="jp-MonaiWorkshop-line">
        <span
          className="jp-MonaiWorkshop-grow jp-MonaiWorkshop-muted jp-MonaiWorkshop-ellipsis"
          title={job.message}
        >
          {phase} {job.message}
        </span>
        <button
          type="button"
          className="jp-mod-styled jp-MonaiWorkshop-small"
          data-action="cancel"
          aria-label={trans.__('Cancel: %1', title)}
          onClick={() => execute(CommandIDs.cancel, { job: job.id })}
        >
          {trans.__('Cancel')}
        </button>
      </div>
    </div>
  );
}
