import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  createContext,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore
} from 'react';
import type {
  Feature,
  Patches,
  PlanAnswer,
  ProfileView
} from '../core/snapshot';
import type { IWorkshop, IWorkshopState, Retry } from '../tokens';

/** What every component may need besides its own piece of the snapshot. */
export interface IPanelContext {
  /** The language of all strings. */
  readonly trans: TranslationBundle;
  /** The language of numbers and times; the browser's when `undefined`. */
  readonly locale: string | undefined;
  /** Renders Markdown. */
  readonly rendermime: IRenderMimeRegistry;
  /** When the snapshot was read, in milliseconds of `performance.now()`. */
  readonly readAt: number;
  /** Whether something was asked for and is on its way. */
  readonly pending: boolean;
  /** Whether anything runs or was asked for, so that nothing else should be started. */
  readonly occupied: boolean;
  /** Whether nothing writes into the notebooks, so that a module may begin anew. */
  readonly settled: boolean;
  /** Whether a step may be run, or the materials updated; others may still be brought. */
  readonly free: boolean;
  /** The profiles that the workshop has. */
  readonly profiles: readonly ProfileView[];
  /** What the administrator has switched off. */
  readonly disabled: readonly Feature[];
  /** Execute one of the extension's commands. */
  readonly execute: (
    command: string,
    args?: Record<string, string | boolean>
  ) => void;
  /**
   * Try something again with an access token. No command: arguments of commands are told
   * to whoever listens.
   */
  readonly sendToken: (retry: Retry, token: string) => void;
  /** Read what the patches would change. */
  readonly readPatches: () => Promise<Patches>;
  /** Read what would be installed, where that is known. */
  readonly readPlan: () => Promise<PlanAnswer>;
  /** Forget the last action's failure. */
  readonly dismiss: () => void;
}

/** Gives the components their {@link IPanelContext}. */
export const PanelContext = createContext<IPanelContext | null>(null);

/** What the panel gives to its components. */
export function usePanel(): IPanelContext {
  const context = useContext(PanelContext);
  if (context === null) {
    throw new Error('A component of the panel is used outside of the panel');
  }
  return context;
}

/** The state of the workshop, now and after every change. */
export function useWorkshop(workshop: IWorkshop): IWorkshopState {
  return useSyncExternalStore(
    listener => {
      workshop.changed.connect(listener);
      return () => {
        workshop.changed.disconnect(listener);
      };
    },
    () => workshop.state
  );
}

/**
 * Seconds since the snapshot was read, counted while `running`; else 0.
 *
 * What the server measured is old by that much.
 */
export function useDrift(running: boolean): number {
  const { readAt } = usePanel();
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!running) {
      return;
    }
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return running ? Math.max(now - readAt, 0) / 1000 : 0;
}
