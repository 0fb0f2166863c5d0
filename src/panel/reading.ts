import { useEffect, useState } from 'react';
import { asFailure } from '../core/failure';
import type { Failure } from '../core/snapshot';

/**
 * Read something from the server when it is first shown, and whenever `version` changes.
 *
 * @param read - Reads it; the same function at every call.
 * @param version - Anything that changes when it should be read again.
 * @returns What was read last, `null` before; and why it could not be read.
 */
export function useRead<T>(
  read: () => Promise<T>,
  version: string
): { readonly value: T | null; readonly failure: Failure | null } {
  const [value, setValue] = useState<T | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let gone = false;
    read().then(
      found => {
        if (!gone) {
          setValue(found);
          setFailure(null);
        }
      },
      (reason: unknown) => gone || setFailure(asFailure(reason))
    );
    return () => {
      gone = true;
    };
  }, [read, version]);
  return { value, failure };
}
