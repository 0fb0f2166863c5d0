import React from 'react';
import { isNoProblem } from '../core/failure';
import type { Failure } from '../core/snapshot';
import { Button } from './Button';
import { usePanel } from './context';
import { FailureCard } from './FailureCard';
import { failureWords } from './words';

/** Why the last action ended otherwise than asked: a failure, or only good to know. */
export function ActionNotice(props: { readonly notice: Failure }): JSX.Element {
  const { trans, dismiss } = usePanel();
  if (!isNoProblem(props.notice)) {
    return <FailureCard failure={props.notice} onDismiss={dismiss} />;
  }
  const { code, message, hint } = failureWords(trans, props.notice);
  return (
    <div className="jp-MonaiWorkshop-notice" data-notice={code}>
      <p>{message}</p>
      {hint && <p>{hint}</p>}
      <div className="jp-MonaiWorkshop-buttons">
        <Button action="dismiss" onClick={dismiss}>
          {trans.__('Close')}
        </Button>
      </div>
    </div>
  );
}
