import {
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';
import { createRoot } from 'react-dom/client';
import { type IPanelContext, PanelContext } from '../panel/context';
import { Markdown } from '../panel/Markdown';

/** JupyterLab's own renderers; the parser lets all HTML through, as Markdown does. */
const rendermime = new RenderMimeRegistry({
  initialFactories: standardRendererFactories,
  markdownParser: { render: text => Promise.resolve(text) }
});

async function rendered(source: string): Promise<HTMLElement> {
  const host = document.createElement('div');
  const context = {
    trans: nullTranslator.load('x'),
    rendermime
  } as unknown as IPanelContext;
  await act(async () => {
    createRoot(host).render(
      <PanelContext.Provider value={context}>
        <Markdown source={source} />
      </PanelContext.Provider>
    );
    await new Promise(resolve => setTimeout(resolve, 50));
  });
  return host;
}

describe('Markdown of a definition or of the administrator', () => {
  it.each([
    ['a script', '<script>window.hostile = true</script>'],
    ['a handler', '<img src="x" onerror="window.hostile = true">'],
    ['a script in a picture', '<svg onload="x()"><script>x()</script></svg>'],
    ['a frame', '<iframe src="https://h.example"></iframe>'],
    ['an object', '<object data="https://h.example"></object>'],
    ['an address that is a program', '<a href="javascript:x()">here</a>'],
    ['one in disguise', '<a href="JaVa&#9;ScRiPt:x()">here</a>'],
    ['one that is data', '<a href="data:text/html,<script>x()</script>">a</a>'],
    ['a form', '<form action="https://h.example"><input name="p"></form>'],
    ['a style', '<style>@import "https://h.example"</style>'],
    ['a base', '<base href="https://h.example">'],
    ['a way on', '<meta http-equiv="refresh" content="0;url=//h.example">']
  ])('is shown without %s', async (_, source) => {
    const host = await rendered(`<p>Before</p>${source}<p>After</p>`);
    expect(host.textContent).toContain('Before');
    expect(host.textContent).toContain('After');
    const dangerous =
      'script, iframe, object, embed, form[action], style, base, meta, link';
    expect(host.querySelector(dangerous)).toBeNull();
    for (const element of host.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on/i);
        expect(value.replace(/\s/g, '')).not.toMatch(/^(javascript|data):/i);
      }
    }
    expect('hostile' in window).toBe(false);
  });

  it('keeps what is plain, and its links open outside', async () => {
    const host = await rendered('<b>b</b> <a href="https://h.example">x</a>');
    expect(host.querySelector('b')?.textContent).toBe('b');
    const link = host.querySelector('a');
    expect(link?.getAttribute('href')).toBe('https://h.example');
    expect(link?.rel).toBe('noopener noreferrer');
  });
});
