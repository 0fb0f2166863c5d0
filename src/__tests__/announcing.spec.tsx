import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';
import { createRoot } from 'react-dom/client';
import { type IPanelContext, PanelContext } from '../panel/context';
import { LiveRegion } from '../panel/LiveRegion';
import { curve, snapshot, training, withStep } from './fixtures';
import { one, open, server, show, workshop } from './harness';
import { Server } from './server';

/** What the live region needs of the panel. */
const context = { trans: nullTranslator.load('') } as unknown as IPanelContext;

/** What the live region has said, in order, without what it said before. */
function listen(): readonly string[] {
  const region = one('[role="status"]');
  const said: string[] = [];
  new MutationObserver(() => said.push(region.textContent ?? '')).observe(
    region,
    { characterData: true, childList: true, subtree: true }
  );
  return said;
}

it('the panel speaks politely', async () => {
  await show(snapshot());
  expect(one('[role="status"]').getAttribute('aria-live')).toBe('polite');
});

it('a training of 1,000 lines is told by its beginning and its end', () => {
  const before = snapshot();
  const line = (number: number) =>
    withStep({ ...before, number }, 'train', {
      state: 'running',
      elapsed: number / 10,
      training: training({
        step: number,
        steps: 1000,
        epoch: Math.ceil(number / 250),
        epochs: 4,
        curves: [curve([2, 1 / number])]
      })
    });
  const lines = Array.from({ length: 1000 }, (_, index) => line(index + 1));
  const done = withStep(before, 'train', { state: 'done' });
  const host = document.createElement('div');
  const root = createRoot(host);
  const said: (string | null)[] = [];
  for (const each of [before, ...lines, done]) {
    act(() =>
      root.render(
        <PanelContext.Provider value={context}>
          <LiveRegion snapshot={each} failure={null} />
        </PanelContext.Provider>
      )
    );
    if (host.textContent !== (said[said.length - 1] ?? '')) {
      said.push(host.textContent);
    }
  }
  act(() => root.unmount());
  expect(said).toEqual([
    'Train the network: running.',
    'Train the network: done.'
  ]);
});

it('an action that did not work is told', async () => {
  await show(snapshot());
  const said = listen();
  await act(async () => {
    await workshop.act({ action: 'report' }, () =>
      Promise.reject(new Error('No.'))
    );
  });
  expect(said).toEqual(['Something unexpected happened.']);
});

it('a server that is lost is told once', async () => {
  await show(snapshot());
  const said = listen();
  server.answers.set('GET workshops/first-light', 'unreachable');
  await act(async () => {
    await workshop.refresh();
  });
  await act(async () => {
    await workshop.refresh();
  });
  expect(said).toEqual(['The Jupyter server cannot be reached.']);
});

it('a server that was never there is told', async () => {
  const nobody = new Server();
  nobody.answers.set('GET workshops', 'unreachable');
  await open(nobody);
  expect(one('[role="status"]').textContent).toBe(
    'The Jupyter server cannot be reached.'
  );
});
