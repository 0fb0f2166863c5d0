import React, { useState } from 'react';
import { asksForToken, failedChange } from '../core/materials';
import type { Snapshot } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { FailureCard } from './FailureCard';
import { Mark } from './Mark';
import { UpdateReport } from './UpdateReport';

/**
 * A newer version of the materials, what an update has just done, or why it failed.
 *
 * Calm and easy to put away: the version that is there goes on working.
 */
export function MaterialsNotice(props: {
  readonly snapshot: Snapshot;
}): JSX.Element {
  const { trans, sendToken } = usePanel();
  const { materials, jobs } = props.snapshot;
  const update = materials.update;
  const failed = failedChange(props.snapshot);
  // An update from before this page was opened is told in its row only.
  const [known, setKnown] = useState(update?.when);
  const [dismissed, dismiss] = useState('');
  const [later, setLater] = useState(false);
  const [restoreDeleted, setRestoreDeleted] = useState(false);
  const updates = jobs.some(
    job => job.kind === 'update' && job.state === 'running'
  );
  return (
    <>
      {failed && failed.id !== dismissed && (
        <FailureCard
          failure={failed.failure}
          onDismiss={() => dismiss(failed.id)}
          onToken={
            failed.kind === 'update' && asksForToken(failed.failure)
              ? token => sendToken({ kind: 'update', restoreDeleted }, token)
              : undefined
          }
        />
      )}
      {update && update.when !== known && (
        <div
          role="group"
          aria-label={trans.__('The materials were updated')}
          className="jp-MonaiWorkshop-notice"
          data-notice="updated"
        >
          <p className="jp-MonaiWorkshop-lead">
            <Mark icon="done" />
            <span>{trans.__('The materials were updated')}</span>
          </p>
          <UpdateReport update={update} onClose={() => setKnown(update.when)} />
        </div>
      )}
      {materials.outdated && !updates && !later && (
        <div
          role="group"
          aria-label={trans.__('A newer version of the materials is there')}
          className="jp-MonaiWorkshop-notice"
          data-notice="outdated"
        >
          <p className="jp-MonaiWorkshop-lead">
            <span>{trans.__('A newer version of the materials is there')}</span>
          </p>
          <UpdateOffer
            restoreDeleted={restoreDeleted}
            onRestoreDeleted={setRestoreDeleted}
            onLater={() => setLater(true)}
          />
        </div>
      )}
    </>
  );
}

/** What an update does, the choice that it has, and the button. */
export function UpdateOffer(props: {
  readonly restoreDeleted: boolean;
  readonly onRestoreDeleted: (restore: boolean) => void;
  /** Puts the offer away; left out where it is not in the way. */
  readonly onLater?: () => void;
}): JSX.Element {
  const { trans, free, execute } = usePanel();
  const { restoreDeleted } = props;
  const update = () => free && execute(CommandIDs.update, { restoreDeleted });
  return (
    <>
      <p className="jp-MonaiWorkshop-muted">
        {trans.__(
          'An update brings what is new. Your changes stay, and a copy of your files is kept.'
        )}
      </p>
      <Disclosure label={trans.__('Options')} open={false}>
        <label className="jp-MonaiWorkshop-choice">
          <input
            type="checkbox"
            data-action="restore-deleted"
            checked={restoreDeleted}
            onChange={event => props.onRestoreDeleted(event.target.checked)}
          />
          <span>{trans.__('Bring back files I deleted')}</span>
        </label>
      </Disclosure>
      <div className="jp-MonaiWorkshop-buttons">
        <button
          type="button"
          className="jp-mod-styled jp-MonaiWorkshop-small"
          data-action="update"
          aria-disabled={!free}
          title={free ? undefined : trans.__('Possible when nothing runs')}
          onClick={update}
        >
          {trans.__('Update')}
        </button>
        {props.onLater && (
          <button
            type="button"
            className="jp-mod-styled jp-MonaiWorkshop-small"
            data-action="later"
            onClick={props.onLater}
          >
            {trans.__('Later')}
          </button>
        )}
      </div>
    </>
  );
}
