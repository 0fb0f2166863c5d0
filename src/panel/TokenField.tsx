import React, { type KeyboardEvent, useId, useRef } from 'react';
import { usePanel } from './context';

/**
 * Asks for an access token.
 *
 * The token is read from the field when it is sent and is nowhere else: the field is
 * emptied at once, and no state of the panel ever has it.
 */
export function TokenField(props: {
  readonly onSend: (token: string) => void;
}): JSX.Element {
  const { trans, pending } = usePanel();
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const send = () => {
    const input = field.current;
    const token = input?.value.trim() ?? '';
    if (pending || input === null) {
      return;
    }
    if (token === '') {
      input.focus();
      return;
    }
    input.value = '';
    props.onSend(token);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      send();
    }
  };
  return (
    <div className="jp-MonaiWorkshop-token">
      <label htmlFor={`${id}-field`}>{trans.__('Access token')}</label>
      <div className="jp-MonaiWorkshop-line">
        <input
          ref={field}
          id={`${id}-field`}
          type="password"
          className="jp-mod-styled"
          autoComplete="off"
          spellCheck={false}
          maxLength={4096}
          aria-describedby={`${id}-note`}
          data-action="token"
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          className="jp-mod-styled jp-MonaiWorkshop-small"
          data-action="send-token"
          aria-disabled={pending}
          onClick={send}
        >
          {trans.__('Try with it')}
        </button>
      </div>
      <p id={`${id}-note`} className="jp-MonaiWorkshop-muted">
        {trans.__(
          'For a private repository. The token is used for this one try and kept nowhere.'
        )}
      </p>
    </div>
  );
}
