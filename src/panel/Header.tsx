import React, { useId, useState } from 'react';
import type { CatalogueEntry } from '../core/snapshot';
import { roughly } from '../core/time';
import { CommandIDs } from '../tokens';
import { usePanel } from './context';
import { Mark } from './Mark';

/** The workshop's title and, one click away, the other workshops. */
export function Header(props: {
  readonly title: string;
  readonly shown: string;
  readonly entries: readonly CatalogueEntry[];
}): JSX.Element {
  const { trans, locale, execute } = usePanel();
  const [open, setOpen] = useState(false);
  const id = useId();
  const choose = (workshop: string) => {
    setOpen(false);
    execute(CommandIDs.select, { workshop });
  };
  if (props.entries.length < 2) {
    return <h2 className="jp-MonaiWorkshop-title">{props.title}</h2>;
  }
  return (
    <div className="jp-MonaiWorkshop-header">
      <h2 className="jp-MonaiWorkshop-title">
        <button
          type="button"
          data-action="switch"
          aria-expanded={open}
          aria-controls={id}
          title={trans.__('Switch to another workshop')}
          onClick={() => setOpen(!open)}
        >
          <span className="jp-MonaiWorkshop-grow">{props.title}</span>
          <Mark icon="chevron" />
        </button>
      </h2>
      <ul id={id} hidden={!open} aria-label={trans.__('Workshops')}>
        {props.entries.map(entry => (
          <li key={entry.id}>
            <button
              type="button"
              data-action="select"
              data-workshop={entry.id}
              aria-current={entry.id === props.shown}
              onClick={() => choose(entry.id)}
            >
              <strong>{entry.title}</strong>
              <span>{entry.summary}</span>
              <span className="jp-MonaiWorkshop-muted">
                {trans._n(
                  '%1 notebook, about %2',
                  '%1 notebooks, about %2',
                  entry.modules,
                  roughly(entry.expected, locale)
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
