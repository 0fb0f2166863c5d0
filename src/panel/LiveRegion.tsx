import React, { useEffect, useRef, useState } from 'react';
import { announcements } from '../core/announce';
import type { Failure, Snapshot } from '../core/snapshot';
import { usePanel } from './context';
import { announcementWord, failureWords } from './words';

/**
 * Says what changed, to who cannot see it.
 *
 * Politely, failures too: nothing is lost while somebody listens to the end of a sentence.
 */
export function LiveRegion(props: {
  readonly snapshot: Snapshot | null;
  /** Why nothing can be read, or why the last action did not work. */
  readonly failure: Failure | null;
}): JSX.Element {
  const { trans } = usePanel();
  const { snapshot, failure } = props;
  const before = useRef<Pick<typeof props, 'snapshot' | 'failure'>>({
    snapshot: null,
    failure: null
  });
  const [text, setText] = useState('');
  useEffect(() => {
    const earlier = before.current;
    const said = snapshot
      ? announcements(earlier.snapshot, snapshot).map(each =>
          announcementWord(trans, each)
        )
      : [];
    if (failure && failure !== earlier.failure) {
      said.push(failureWords(trans, failure).message);
    }
    if (said.length > 0) {
      setText(said.join(' '));
    }
    before.current = { snapshot: snapshot ?? earlier.snapshot, failure };
  }, [snapshot, failure, trans]);
  return (
    <div className="jp-MonaiWorkshop-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
