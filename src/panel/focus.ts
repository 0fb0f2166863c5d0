import { type RefObject, useEffect } from 'react';

/**
 * Keeps the place of who goes by keyboard: when the element that has the focus goes away,
 * the primary button gets it, so that the next press of a key does not begin at the top
 * of the page.
 *
 * @param within - Any element of the panel.
 */
export function useKeptFocus(within: RefObject<HTMLElement>): void {
  useEffect(() => {
    const panel = within.current?.parentElement;
    if (!panel) {
      return;
    }
    let held: Element | null = null;
    const onFocus = (event: FocusEvent) => {
      held = event.target instanceof Element ? event.target : null;
    };
    const onBlur = (event: FocusEvent) => {
      // Gone to another place by will; who vanishes has no successor.
      if (event.relatedTarget !== null) {
        held = null;
      }
    };
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && !panel.contains(event.target)) {
        held = null;
      }
    };
    const observer = new MutationObserver(() => {
      if (held && !held.isConnected) {
        held = null;
        if (document.activeElement === document.body) {
          panel.querySelector<HTMLElement>('[data-action="next"]')?.focus();
        }
      }
    });
    panel.addEventListener('focusin', onFocus);
    panel.addEventListener('focusout', onBlur);
    document.addEventListener('pointerdown', onPointer);
    observer.observe(panel, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
      panel.removeEventListener('focusin', onFocus);
      panel.removeEventListener('focusout', onBlur);
      document.removeEventListener('pointerdown', onPointer);
    };
  }, [within]);
}
