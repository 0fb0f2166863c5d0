import React, { useRef } from 'react';
import { primary } from '../core/primary';
import type { Snapshot } from '../core/snapshot';
import { focus, isPrepared, runningStep, shownJobs } from '../core/steps';
import { lights } from '../core/strip';
import type { IWorkshopState } from '../tokens';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { Awake } from './Awake';
import { ActionNotice } from './ActionNotice';
import { FailureCard } from './FailureCard';
import { Finished } from './Finished';
import { useKeptFocus } from './focus';
import { Header } from './Header';
import { Job } from './Job';
import { LiveRegion } from './LiveRegion';
import { Machine } from './Machine';
import { Markdown } from './Markdown';
import { Message } from './Message';
import { Module } from './Module';
import { Preparation } from './Preparation';
import { PrimaryButton } from './PrimaryButton';
import { ProfileNotice, Profiles } from './Profiles';
import { Strip } from './Strip';
import { TrustCard } from './TrustCard';
import { MaterialsNotice } from './Update';

/** The whole panel: a function of the workshop's state. */
export function WorkshopPanel(props: {
  readonly state: IWorkshopState;
}): JSX.Element {
  const { trans } = usePanel();
  const { catalogue, snapshot, problem, notice } = props.state;
  const top = useRef<HTMLDivElement>(null);
  useKeptFocus(top);
  const entries = catalogue?.workshops ?? [];
  const title = snapshot?.title ?? trans.__('MONAI workshop');
  return (
    <>
      <div className="jp-MonaiWorkshop-top" ref={top}>
        <Header title={title} shown={snapshot?.id ?? ''} entries={entries} />
        {catalogue?.message && <Message source={catalogue.message} />}
        {snapshot && <Now state={props.state} snapshot={snapshot} />}
        {problem && <FailureCard failure={problem} />}
        {notice && <ActionNotice notice={notice} />}
      </div>
      <div className="jp-MonaiWorkshop-scroll">
        {snapshot ? (
          <All key={snapshot.id} snapshot={snapshot} />
        ) : (
          !problem && (
            <p className="jp-MonaiWorkshop-muted">
              {catalogue && entries.length === 0
                ? trans.__('This server offers no workshop.')
                : trans.__('Loading…')}
            </p>
          )
        )}
        {catalogue?.problems.map(each => (
          <FailureCard key={each.message} failure={each} />
        ))}
      </div>
      <LiveRegion snapshot={snapshot} failure={problem ?? notice} />
    </>
  );
}

/** What is going on and the one thing to do. */
function Now(props: {
  readonly state: IWorkshopState;
  readonly snapshot: Snapshot;
}): JSX.Element {
  const { snapshot } = props;
  const { pending } = props.state;
  const offer = primary(snapshot, pending !== null);
  return (
    <>
      <Strip lights={lights(snapshot)} />
      {snapshot.trust ? (
        <TrustCard trust={snapshot.trust} />
      ) : (
        <PrimaryButton
          offer={offer}
          pending={pending}
          running={runningStep(snapshot)}
        />
      )}
      {snapshot.awake && <Awake until={snapshot.awake.until} />}
      {offer.kind === 'finished' && <Finished snapshot={snapshot} />}
      {shownJobs(snapshot).map(job => (
        <Job key={job.id} job={job} />
      ))}
      <ProfileNotice key={`${snapshot.id} profile`} snapshot={snapshot} />
      <MaterialsNotice key={snapshot.id} snapshot={snapshot} />
    </>
  );
}

/** Everything there is to read and to do. */
function All(props: { readonly snapshot: Snapshot }): JSX.Element {
  const { trans } = usePanel();
  const { snapshot } = props;
  const prepared = isPrepared(snapshot);
  const attention = focus(snapshot);
  const materials = snapshot.preparation.find(
    part => part.name === 'materials'
  );
  return (
    <>
      {snapshot.text && (
        <Disclosure label={trans.__('Welcome')} open={!prepared}>
          <Markdown source={snapshot.text} />
        </Disclosure>
      )}
      <Machine snapshot={snapshot} prominent={!prepared} />
      <Profiles snapshot={snapshot} />
      <Preparation snapshot={snapshot} />
      {snapshot.modules.map(module => (
        <Module
          key={module.id}
          module={module}
          there={materials?.state === 'done'}
          focus={attention?.module.id === module.id ? attention.step.id : ''}
        />
      ))}
    </>
  );
}
