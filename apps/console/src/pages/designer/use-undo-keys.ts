import { useEffect } from 'react';
import { useDraft } from './draft/use-draft.js';
import { useLatest } from './steps/use-latest.js';

/** Ctrl or Cmd with Z, Shift+Z and Y. Fields have an undo of their own, and keep it. */
export function useUndoKeys(): void {
  const latest = useLatest(useDraft());
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || isField(event.target)) return;
      const key = event.key.toLowerCase();
      if (key === 'z' && !event.shiftKey) latest.current.undo();
      else if (key === 'y' || (key === 'z' && event.shiftKey)) latest.current.redo();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [latest]);
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}
