import React, { useState } from 'react';
import { asksForToken } from '../core/materials';
import type {
  JobStatus,
  MaterialsView,
  PreparationPart,
  Snapshot
} from '../core/snapshot';
import { moment } from '../core/time';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { FailureCard } from './FailureCard';
import { KernelRemedy } from './KernelRemedy';
import { PartProgress } from './PartProgress';
import { PatchList } from './PatchList';
import { PlanList } from './PlanList';
import { Row } from './Row';
import { Section } from './Section';
import { UpdateOffer } from './Update';
import { UpdateReport } from './UpdateReport';
import { partTitle } from './words';

/** What has to be there before the first step. */
export function Preparation(props: {
  readonly snapshot: Snapshot;
}): JSX.Element {
  const { trans, sendToken } = usePanel();
  const { preparation: parts, materials, jobs } = props.snapshot;
  const done = parts.filter(part => part.state === 'done').length;
  const state = done === parts.length ? 'done' : 'ready';
  const outdated = (part: PreparationPart) =>
    part.name === 'materials' && part.state === 'done' && materials.outdated;
  return (
    <Section
      title={trans.__('Get ready')}
      state={state}
      aside={trans.__('%1 of %2', done, parts.length)}
    >
      <ul className="jp-MonaiWorkshop-list">
        {parts.map(part => (
          <Row
            key={part.name}
            module="prepare"
            step={part.name}
            state={part.state}
            title={partTitle(trans, part.name)}
            current={part.state === 'failed'}
            note={
              outdated(part) ? trans.__('A newer version is there') : undefined
            }
            below={
              part.state === 'running' && (
                <PartProgress
                  part={part}
                  job={jobs.find(
                    job => job.kind === part.name && job.state === 'running'
                  )}
                />
              )
            }
          >
            {part.failure ? (
              <FailureCard
                failure={part.failure}
                onToken={
                  part.name === 'materials' && asksForToken(part.failure)
                    ? token => sendToken({ kind: 'prepare' }, token)
                    : undefined
                }
              />
            ) : (
              <p>{part.message}</p>
            )}
            <KernelRemedy
              remedy={part.remedy}
              modules={props.snapshot.modules}
            />
            {part.name === 'materials' && <Version materials={materials} />}
            {part.name === 'environment' && (
              <Packages part={part} jobs={jobs} />
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

/** What is, or would be, installed into the kernel's environment. */
function Packages(props: {
  readonly part: PreparationPart;
  readonly jobs: readonly JobStatus[];
}): JSX.Element {
  const { trans } = usePanel();
  const { state } = props.part;
  // Known as soon as it has been resolved, which is before anything is installed.
  const phases = props.jobs
    .filter(job => job.kind === 'environment' || job.kind === 'plan')
    .map(job => `${job.id} ${job.state} ${job.phase}`);
  return (
    <Disclosure
      label={
        state === 'done'
          ? trans.__('What was installed')
          : trans.__('What will be installed')
      }
      open={false}
    >
      <PlanList version={[state, ...phases].join(' ')} />
    </Disclosure>
  );
}

/** What is to be known of the version of the materials: a newer one, the last update. */
function Version(props: { readonly materials: MaterialsView }): JSX.Element {
  const { trans, locale } = usePanel();
  const [restoreDeleted, setRestoreDeleted] = useState(false);
  const { outdated, update } = props.materials;
  return (
    <>
      {outdated && (
        <UpdateOffer
          restoreDeleted={restoreDeleted}
          onRestoreDeleted={setRestoreDeleted}
        />
      )}
      {update && (
        <Disclosure
          label={trans.__('Last update: %1', moment(update.when, locale))}
          open={false}
        >
          <UpdateReport update={update} />
        </Disclosure>
      )}
    </>
  );
}
