import React, { useEffect, useRef, useState } from 'react';
import { announcements } from '../core/announce';
import type { Snapshot } from '../core/snapshot';
import { usePanel } from './context';
import { announcementWord } from './words';

/** Says politely what changed, to who cannot see it. */
export function LiveRegion(props: {
  readonly snapshot: Snapshot | null;
}): JSX.Element {
  const { trans } = usePanel();
  const { snapshot } = props;
  const before = useRef<Snapshot | null>(null);
  const [text, setText] = useState('');
  useEffect(() => {
    if (snapshot !== null) {
      const said = announcements(before.current, snapshot);
      if (said.length > 0) {
        setText(said.map(each => announcementWord(trans, each)).join(' '));
      }
      before.current = snapshot;
    }
  }, [snapshot, trans]);
  return (
    <div className="jp-MonaiWorkshop-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
