import React from 'react';
import { diffLines } from '../core/diff';
import type { PatchPreview } from '../core/snapshot';
import { usePanel } from './context';
import { FailureCard } from './FailureCard';
import type { IconName } from './icons';
import { Mark } from './Mark';
import { useRead } from './reading';
import { patchWord } from './words';

const SHAPES: Record<PatchPreview['state'], IconName> = {
  applied: 'done',
  pending: 'ready',
  conflict: 'warn'
};

/** Every patch with its reason, and what is still to change as a diff. */
export function PatchList(props: {
  /** Anything that changes when the patches should be read again. */
  readonly version: string;
}): JSX.Element {
  const { trans, readPatches } = usePanel();
  const { value: patches, failure } = useRead(readPatches, props.version);
  if (failure) {
    return <FailureCard failure={failure} />;
  }
  if (patches === null) {
    return <p className="jp-MonaiWorkshop-muted">{trans.__('Loading…')}</p>;
  }
  if (patches.patches.length === 0) {
    return <p>{trans.__('This workshop changes nothing in its notebooks.')}</p>;
  }
  return (
    <>
      <ul className="jp-MonaiWorkshop-patches">
        {patches.patches.map(patch => (
          <li
            key={`${patch.module}/${patch.id}`}
            data-patch={patch.id}
            data-state={patch.state}
          >
            <Mark icon={SHAPES[patch.state]} />
            <div className="jp-MonaiWorkshop-grow">
              <p>{patch.why}</p>
              <p className="jp-MonaiWorkshop-muted">
                {patchWord(trans, patch.state)}
                {patch.state === 'conflict' && `: ${patch.message}`}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {patches.notebooks.map(notebook => (
        <div key={notebook.module}>
          {notebook.failure && <FailureCard failure={notebook.failure} />}
          {notebook.diff && (
            <figure>
              <figcaption>{notebook.notebook}</figcaption>
              <pre className="jp-MonaiWorkshop-diff" tabIndex={0}>
                {diffLines(notebook.diff).map((line, index) => (
                  <span key={index} className={`jp-mod-${line.kind}`}>
                    {line.text}
                    {'\n'}
                  </span>
                ))}
              </pre>
            </figure>
          )}
        </div>
      ))}
    </>
  );
}
