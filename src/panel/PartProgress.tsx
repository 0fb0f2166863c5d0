import React from 'react';
import type { JobStatus, PreparationPart } from '../core/snapshot';
import { percent } from '../core/time';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { ProgressBar } from './ProgressBar';
import { partTitle, phaseWord } from './words';

/** How far a part of getting ready is, what it does, and the way to stop it alone. */
export function PartProgress(props: {
  readonly part: PreparationPart;
  /** The job that brings it, where it is known. */
  readonly job: JobStatus | undefined;
}): JSX.Element {
  const { trans, locale, execute } = usePanel();
  const { part, job } = props;
  const title = partTitle(trans, part.name);
  const amount = part.fraction === null ? '' : percent(part.fraction, locale);
  const phase = job ? phaseWord(trans, job.phase) : '';
  const words = `${phase} ${job?.message ?? ''}`.trim();
  return (
    <div className="jp-MonaiWorkshop-job" data-part={part.name}>
      <ProgressBar
        fraction={part.fraction}
        label={title}
        text={`${phase} ${amount}`.trim() || trans.__('Running')}
      />
      <div className="jp-MonaiWorkshop-line">
        <span
          className="jp-MonaiWorkshop-grow jp-MonaiWorkshop-muted jp-MonaiWorkshop-ellipsis"
          title={words}
        >
          {amount} {words}
        </span>
        {job && (
          <button
            type="button"
            className="jp-mod-styled jp-MonaiWorkshop-small"
            data-action="cancel"
            aria-label={trans.__('Cancel: %1', title)}
            onClick={() => execute(CommandIDs.cancel, { job: job.id })}
          >
            {trans.__('Cancel')}
          </button>
        )}
      </div>
    </div>
  );
}
