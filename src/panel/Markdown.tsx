import React, { useEffect, useRef } from 'react';
import { usePanel } from './context';

const MARKDOWN = 'text/markdown';

/** Markdown of a workshop's definition, sanitized; links open in a new tab. */
export function Markdown(props: { readonly source: string }): JSX.Element {
  const { rendermime } = usePanel();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const renderer = rendermime.createRenderer(MARKDOWN);
    const model = rendermime.createModel({
      data: { [MARKDOWN]: props.source },
      trusted: false
    });
    let gone = false;
    renderer.renderModel(model).then(
      () => {
        if (!gone) {
          openOutside(renderer.node);
          host.current?.replaceChildren(renderer.node);
        }
      },
      () => host.current?.replaceChildren(props.source)
    );
    return () => {
      gone = true;
      renderer.dispose();
    };
  }, [rendermime, props.source]);
  return <div className="jp-MonaiWorkshop-markdown" ref={host} />;
}

function openOutside(node: HTMLElement): void {
  for (const link of node.querySelectorAll<HTMLAnchorElement>('a[href]')) {
    if (link.getAttribute('href')?.startsWith('#')) {
      // JupyterLab's marks to link to a heading: of no use in a panel.
      link.remove();
    } else {
      link.target = '_blank';
      link.rel = 'noopener noreferrer';
    }
  }
}
