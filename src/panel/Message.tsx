import React from 'react';
import { usePanel } from './context';
import { Markdown } from './Markdown';

/** What the administrator of the server tells everybody. */
export function Message(props: { readonly source: string }): JSX.Element {
  const { trans } = usePanel();
  return (
    <div
      role="note"
      aria-label={trans.__('Message of the administrator')}
      className="jp-MonaiWorkshop-notice"
      data-notice="message"
    >
      <Markdown source={props.source} />
    </div>
  );
}
