import { useEffect, useState } from 'react';

/** What gets the focus back when something closes that was opened from `element`: of an item of a menu the menu's button. */
export function openerOf(element: Element | null): HTMLElement | undefined {
  const menu = element?.closest('[role="menu"]');
  const opener = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : element;
  return opener instanceof HTMLElement && opener !== document.body ? opener : undefined;
}

function placeFor(opener: HTMLElement | undefined): HTMLElement | null | undefined {
  if (opener?.isConnected) return opener;
  const below = [...document.querySelectorAll<HTMLElement>('[role="dialog"]')].at(-1);
  return below ?? (opener && document.getElementById('main'));
}

/**
 * Gives the focus back when the component goes, to what had it before: whatever is mounted open, such as a dialog, takes its
 * focus with it. Where that has gone, too, a dialog below or the page gets it; nothing that took it meanwhile loses it.
 */
export function useFocusBack(): void {
  // While it renders: by its first effect the menu that it was chosen from has gone, and the focus is inside.
  const [opener] = useState(() => openerOf(document.activeElement));
  useEffect(
    () => () => {
      setTimeout(() => {
        const { activeElement } = document;
        if (activeElement === null || activeElement === document.body) placeFor(opener)?.focus({ preventScroll: true });
      });
    },
    [opener],
  );
}
