import React, { useState } from 'react';
import type { ProfileView, Snapshot } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { Button } from './Button';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { Mark } from './Mark';

/** Sets of values and patches, each chosen or taken back as a whole. */
export function Profiles(props: {
  readonly snapshot: Snapshot;
}): JSX.Element | null {
  const { trans, disabled } = usePanel();
  const { profiles } = props.snapshot;
  if (profiles.length === 0 || disabled.includes('parameters')) {
    return null;
  }
  const chosen = profiles.filter(each => each.state !== 'off');
  const label =
    chosen.length > 0
      ? trans.__('Fitted to: %1', chosen.map(each => each.title).join(', '))
      : trans.__('Fit to this machine');
  return (
    <Disclosure kind="profiles" label={label} open={false}>
      <ul className="jp-MonaiWorkshop-profiles">
        {profiles.map(profile => (
          <li key={profile.id} data-profile={profile.id}>
            <p className="jp-MonaiWorkshop-lead">
              <span className="jp-MonaiWorkshop-grow">{profile.title}</span>
              <State profile={profile} />
            </p>
            <p>{profile.text}</p>
            <ProfileButtons profile={profile} there={isThere(props.snapshot)} />
          </li>
        ))}
      </ul>
    </Disclosure>
  );
}

/** A profile that suits this machine and is not chosen: told once, easy to put away. */
export function ProfileNotice(props: {
  readonly snapshot: Snapshot;
}): JSX.Element | null {
  const { trans, disabled } = usePanel();
  const [later, putAway] = useState(false);
  const { snapshot } = props;
  const profile = snapshot.profiles.find(
    each => each.recommended && each.state !== 'on'
  );
  const finished = snapshot.next.action === 'finished';
  const off = disabled.includes('parameters');
  if (!profile || off || later || finished || !isThere(snapshot)) {
    return null;
  }
  const title = trans.__('“%1” suits this machine', profile.title);
  return (
    <div
      role="group"
      aria-label={title}
      className="jp-MonaiWorkshop-notice"
      data-notice="profile"
    >
      <p className="jp-MonaiWorkshop-lead">
        <span>{title}</span>
      </p>
      <p>{profile.text}</p>
      <ProfileButtons
        profile={profile}
        there={true}
        onLater={() => putAway(true)}
      />
    </div>
  );
}

function ProfileButtons(props: {
  readonly profile: ProfileView;
  /** Whether the notebooks are there to be changed. */
  readonly there: boolean;
  /** Puts the offer away; left out where it is not in the way. */
  readonly onLater?: () => void;
}): JSX.Element {
  const { trans, free, execute } = usePanel();
  const { id, title, state } = props.profile;
  const off = !free || !props.there;
  const why = props.there
    ? trans.__('Possible when nothing runs')
    : trans.__('Possible when the notebooks are there');
  return (
    <div className="jp-MonaiWorkshop-buttons">
      {state !== 'on' && (
        <Button
          action="profile"
          off={off}
          name={
            state === 'part'
              ? trans.__('Use all of it: %1', title)
              : trans.__('Use it: %1', title)
          }
          title={off ? why : undefined}
          onClick={() => execute(CommandIDs.setProfile, { profile: id })}
        >
          {state === 'part' ? trans.__('Use all of it') : trans.__('Use it')}
        </Button>
      )}
      {state !== 'off' && (
        <Button
          action="profile-back"
          off={off}
          name={trans.__('Take it back: %1', title)}
          title={off ? why : undefined}
          onClick={() => execute(CommandIDs.setProfile, { profile: '' })}
        >
          {trans.__('Take it back')}
        </Button>
      )}
      {props.onLater && (
        <Button action="later" quiet onClick={props.onLater}>
          {trans.__('Not now')}
        </Button>
      )}
    </div>
  );
}

function State(props: { readonly profile: ProfileView }): JSX.Element | null {
  const { trans } = usePanel();
  const { state, recommended } = props.profile;
  switch (state) {
    case 'on':
      return (
        <span className="jp-MonaiWorkshop-aside">
          <Mark icon="done" /> {trans.__('In use')}
        </span>
      );
    case 'part':
      return (
        <span className="jp-MonaiWorkshop-aside">
          {trans.__('Partly in use')}
        </span>
      );
    case 'off':
      return recommended ? (
        <span className="jp-MonaiWorkshop-aside">
          {trans.__('Recommended')}
        </span>
      ) : null;
  }
}

function isThere(snapshot: Snapshot): boolean {
  return snapshot.preparation.some(
    part => part.name === 'materials' && part.state === 'done'
  );
}
