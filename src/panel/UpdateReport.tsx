import React from 'react';
import type { UpdateView } from '../core/snapshot';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';

/** Lists up to this length are open without being asked. */
const SHORT = 3;

/** What the last update did, and the way back. */
export function UpdateReport(props: {
  readonly update: UpdateView;
  /** Puts the report away; left out where it is not in the way. */
  readonly onClose?: () => void;
}): JSX.Element {
  const { trans, free, pending, execute } = usePanel();
  const { followed, merged, beside, deleted, can_undo } = props.update;
  const undo = () => free && execute(CommandIDs.undoUpdate);
  const open = (path: string) =>
    pending || execute(CommandIDs.openFile, { path });
  const nothing = followed + merged.length + beside.length + deleted.length;
  return (
    <div className="jp-MonaiWorkshop-report">
      {followed > 0 && (
        <p>
          {trans._n(
            '%1 file follows the new version.',
            '%1 files follow the new version.',
            followed,
            followed
          )}
        </p>
      )}
      {nothing === 0 && <p>{trans.__('No file had to change.')}</p>}
      <Files
        kind="merged"
        label={trans._n(
          '%1 notebook has your changes and the new ones:',
          '%1 notebooks have your changes and the new ones:',
          merged.length,
          merged.length
        )}
        paths={merged}
      />
      <Files
        kind="beside"
        label={trans._n(
          '%1 new version lies beside your file:',
          '%1 new versions lie beside your files:',
          beside.length,
          beside.length
        )}
        paths={beside}
        onOpen={open}
      />
      <Files
        kind="deleted"
        label={trans._n(
          '%1 file stays deleted:',
          '%1 files stay deleted:',
          deleted.length,
          deleted.length
        )}
        paths={deleted}
      />
      <div className="jp-MonaiWorkshop-buttons">
        {can_undo && (
          <button
            type="button"
            className="jp-mod-styled jp-MonaiWorkshop-small"
            data-action="undo"
            aria-disabled={!free}
            title={trans.__('Bring back what was there before the update')}
            onClick={undo}
          >
            {trans.__('Undo')}
          </button>
        )}
        {props.onClose && (
          <button
            type="button"
            className="jp-mod-styled jp-MonaiWorkshop-small"
            data-action="close"
            onClick={props.onClose}
          >
            {trans.__('Close')}
          </button>
        )}
      </div>
    </div>
  );
}

function Files(props: {
  readonly kind: keyof UpdateView;
  readonly label: string;
  readonly paths: readonly string[];
  readonly onOpen?: (path: string) => void;
}): JSX.Element | null {
  const { trans } = usePanel();
  const { paths, onOpen } = props;
  if (paths.length === 0) {
    return null;
  }
  return (
    <Disclosure label={props.label} open={paths.length <= SHORT}>
      <ul className="jp-MonaiWorkshop-files" data-files={props.kind}>
        {paths.map(path => (
          <li key={path}>
            {onOpen ? (
              <button
                type="button"
                className="jp-MonaiWorkshop-link"
                data-action="open-file"
                title={trans.__('Open this file')}
                onClick={() => onOpen(path)}
              >
                {path}
              </button>
            ) : (
              path
            )}
          </li>
        ))}
      </ul>
    </Disclosure>
  );
}
