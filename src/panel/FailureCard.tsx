import React, { type ReactNode, useState } from 'react';
import { copyText } from '../core/failure';
import type { Failure } from '../core/snapshot';
import { usePanel } from './context';
import { Disclosure } from './Disclosure';
import { Mark } from './Mark';
import { TokenField } from './TokenField';
import { failureWords } from './words';

/** What went wrong, what to do about it, and the details to copy. */
export function FailureCard(props: {
  readonly failure: Failure;
  readonly onDismiss?: () => void;
  /** Tries again with an access token; left out where none would help. */
  readonly onToken?: ((token: string) => void) | undefined;
  /** Where it happened. */
  readonly place?: ReactNode;
  /** What can be done about it. */
  readonly children?: ReactNode;
}): JSX.Element {
  const { trans, disabled } = usePanel();
  const onToken = disabled.includes('private_sources') ? null : props.onToken;
  const [copied, setCopied] = useState(false);
  const failure = failureWords(trans, props.failure);
  const copy = () => {
    navigator.clipboard?.writeText(copyText(failure)).then(
      () => setCopied(true),
      () => setCopied(false)
    );
  };
  return (
    <div className="jp-MonaiWorkshop-failure">
      <p className="jp-MonaiWorkshop-lead">
        <Mark icon="failed" text={trans.__('Problem')} />
        <span>{failure.message}</span>
      </p>
      {props.place}
      {failure.hint && <p>{failure.hint}</p>}
      {props.children}
      {onToken && <TokenField onSend={onToken} />}
      {failure.details && (
        <Disclosure label={trans.__('Details')} open={false}>
          <pre tabIndex={0}>{failure.details}</pre>
        </Disclosure>
      )}
      <div className="jp-MonaiWorkshop-buttons">
        <button
          type="button"
          className="jp-mod-styled jp-MonaiWorkshop-small"
          data-action="copy"
          onClick={copy}
        >
          {copied ? trans.__('Copied') : trans.__('Copy details')}
        </button>
        {props.onDismiss && (
          <button
            type="button"
            className="jp-mod-styled jp-MonaiWorkshop-small"
            data-action="dismiss"
            onClick={props.onDismiss}
          >
            {trans.__('Close')}
          </button>
        )}
      </div>
    </div>
  );
}
