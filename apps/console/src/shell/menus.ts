import { openerOf } from '../ui/focus-back.js';

const menuMountsWithinMs = 50;

/**
 * Gives the focus to the menu that is opening. Without Mantine's placeholder a menu that the mouse has opened gets none, so that
 * neither Escape nor an arrow would reach it. Whatever has taken the focus by then, such as a dialog that an item has opened, keeps it.
 */
export function focusMenu(): void {
  setTimeout(() => {
    const menu = document.querySelector<HTMLElement>('[role=menu]');
    const { activeElement } = document;
    const isFree = activeElement === null || activeElement === document.body || activeElement === openerOf(menu);
    if (isFree) menu?.focus({ preventScroll: true });
  }, menuMountsWithinMs);
}

/**
 * Lets Escape close an open menu also while its button has the focus still, which is so for a moment after it opened: Mantine
 * listens within the menu only. Nothing below the menu, such as a dialog, closes with it.
 */
export function closeMenusByEscape(): void {
  const close = (event: KeyboardEvent): void => {
    const { activeElement } = document;
    if (event.key !== 'Escape' || !(activeElement instanceof HTMLElement)) return;
    if (!activeElement.matches('[aria-haspopup="menu"][aria-expanded="true"]')) return;
    event.stopImmediatePropagation();
    activeElement.click();
  };
  addEventListener('keydown', close, { capture: true });
}
