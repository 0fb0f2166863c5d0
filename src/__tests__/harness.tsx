import type { Event } from '@jupyterlab/services';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { type ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import React, { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import type { Snapshot } from '../core/snapshot';
import { Actions } from '../lab/actions';
import { WorkshopClient } from '../lab/client';
import { Workshop } from '../lab/workshop';
import type { Notebooks } from '../lab/notebooks';
import { Body } from '../panel';
import { CommandIDs } from '../tokens';
import { parts, snapshot } from './fixtures';
import { Server } from './server';

/** Puts the source where the rendered text would be. */
const rendermime = {
  createModel: ({ data }: { data: Record<string, string> }) => data,
  createRenderer: (type: string) => {
    const node = document.createElement('div');
    return {
      node,
      renderModel: (data: Record<string, string>) => {
        node.textContent = data[type] ?? '';
        return Promise.resolve();
      },
      dispose: () => undefined
    };
  }
} as unknown as IRenderMimeRegistry;

/** A main area in which no notebook is open. */
const noNotebooks = {
  find: () => undefined,
  below: () => [],
  save: () => Promise.resolve()
} as unknown as Notebooks;

/** The stand-in that the panel talks to. */
export let server: Server;
/** The workshop that the panel shows. */
export let workshop: Workshop;
/** The commands that buttons have executed. */
export let executed: [string, unknown][];
/** The element that the panel is in. */
export let host: HTMLElement;
let root: Root;
let translator: ITranslator = nullTranslator;

/** Speak this language in the tests of a file. */
export function speak(language: ITranslator): void {
  translator = language;
}

/** Show the first of these workshops; the others are on offer. */
export async function show(...snapshots: Snapshot[]): Promise<void> {
  await open(new Server(...snapshots));
}

/** Open the panel on what the stand-in answers. */
export async function open(answering = server): Promise<void> {
  server = answering;
  workshop = new Workshop(
    new WorkshopClient(server.settings),
    new Signal<object, Event.Emission>({}) as unknown as Event.Stream
  );
  const commands = new CommandRegistry();
  executed = [];
  for (const command of Object.values(CommandIDs)) {
    commands.addCommand(command, {
      execute: args => {
        executed.push([command, args]);
      }
    });
  }
  const no = () => Promise.resolve(false);
  const actions = new Actions(workshop, noNotebooks, no, {
    install: no,
    restart: no
  });
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  await act(async () => {
    root.render(
      <Body
        workshop={workshop}
        retry={(retry, token) => actions.retry(retry, token)}
        commands={commands}
        rendermime={rendermime}
        translator={translator}
      />
    );
    await workshop.start();
  });
}

/** Let the panel read this snapshot. */
export async function update(next: Snapshot): Promise<void> {
  server.show(next);
  await act(async () => {
    await workshop.refresh();
  });
}

afterEach(() => {
  act(() => root.unmount());
  workshop.dispose();
  host.remove();
});

/** The one element that a selector finds. */
export function one<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = host.querySelectorAll<T>(selector);
  expect([selector, found.length]).toEqual([selector, 1]);
  return found[0]!;
}

/** The row of a part or step. */
export function row(module: string, step: string): HTMLElement {
  return one(`li[data-module="${module}"][data-step="${step}"]`);
}

/** Click the one element that a selector finds. */
export function click(selector: string): Promise<void> {
  return act(async () => {
    one(selector).click();
    await Promise.resolve();
  });
}

/** A workshop for which nothing was done yet. */
export const NOT_PREPARED = snapshot({
  preparation: parts('ready'),
  kernel: { name: 'k', display_name: 'K', state: 'missing' },
  next: { action: 'prepare', module: '', step: '' }
});
