import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ITranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Widget } from '@lumino/widgets';
import React, { useMemo } from 'react';
import { isSettled } from '../core/materials';
import type { Feature, ProfileView } from '../core/snapshot';
import { isBusy, mayRun } from '../core/steps';
import { languageTag } from '../core/time';
import { DOMAIN, type IWorkshop, type Retry } from '../tokens';
import { type IPanelContext, PanelContext, useWorkshop } from './context';
import { WorkshopPanel } from './WorkshopPanel';

const NOTHING: readonly Feature[] = [];

/** What the panel's body needs. */
export interface IBodyOptions {
  /** The workshop shown. */
  readonly workshop: IWorkshop;
  /** Tries something again with an access token. */
  readonly retry: (retry: Retry, token: string) => Promise<void>;
  /** Has the extension's commands. */
  readonly commands: CommandRegistry;
  /** Renders Markdown. */
  readonly rendermime: IRenderMimeRegistry;
  /** The language of JupyterLab. */
  readonly translator: ITranslator;
}

/** Make the panel's body and let the workshop be followed from now on. */
export function createBody(options: IBodyOptions): Widget {
  const body = ReactWidget.create(<Body {...options} />);
  body.addClass('jp-MonaiWorkshop-panel');
  // How words are spoken and divided depends on their language.
  body.node.lang = languageTag(options.translator.languageCode) ?? '';
  void options.workshop.start();
  return body;
}

const NONE: readonly ProfileView[] = [];

/** The panel, live. */
export function Body(props: IBodyOptions): JSX.Element {
  const { workshop, retry, commands, rendermime, translator } = props;
  const state = useWorkshop(workshop);
  const { snapshot, readAt } = state;
  const pending = state.pending !== null;
  const occupied = pending || (snapshot !== null && isBusy(snapshot));
  const settled = !pending && snapshot !== null && isSettled(snapshot);
  const free = !pending && snapshot !== null && mayRun(snapshot);
  const profiles = snapshot?.profiles ?? NONE;
  const disabled = snapshot?.disabled ?? NOTHING;
  const fixed = useMemo(
    () => ({
      trans: translator.load(DOMAIN),
      locale: languageTag(translator.languageCode),
      rendermime,
      execute: (
        command: string,
        args: Record<string, string | boolean> = {}
      ) => {
        commands.execute(command, args).catch(console.error);
      },
      sendToken: (again: Retry, token: string) => {
        retry(again, token).catch(console.error);
      },
      readPatches: () => workshop.readPatches(),
      readPlan: () => workshop.readPlan(),
      dismiss: () => workshop.dismiss()
    }),
    [workshop, retry, commands, rendermime, translator]
  );
  const context = useMemo<IPanelContext>(
    () => ({
      ...fixed,
      readAt,
      pending,
      occupied,
      settled,
      free,
      profiles,
      disabled
    }),
    [fixed, readAt, pending, occupied, settled, free, profiles, disabled]
  );
  return (
    <PanelContext.Provider value={context}>
      <WorkshopPanel state={state} />
    </PanelContext.Provider>
  );
}
