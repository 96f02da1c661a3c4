import type { FlowDraft } from '@millrace/flow-model';
import { changedPlaces } from './changed-places.js';

/** The draft with what was before it and what was undone. */
export interface DraftHistory {
  past: readonly FlowDraft[];
  present: FlowDraft;
  future: readonly FlowDraft[];
  /** The last change, when it was at one place only, as typing is. */
  typing?: { place: string; atMs: number } | undefined;
}

export const maxUndo = 200;
/** Keystrokes at one place become one change as long as no pause between them is longer. */
export const typingPauseMs = 1_000;

export function historyOf(draft: FlowDraft): DraftHistory {
  return { past: [], present: draft, future: [] };
}

/** Adds a change. Typing goes on with the change before it; what was undone before cannot be done again. */
export function record(history: DraftHistory, draft: FlowDraft, atMs: number): DraftHistory {
  const places = changedPlaces(history.present, draft);
  if (places.length === 0) return history;
  const [place] = places;
  const typing = places.length === 1 && place !== undefined ? { place, atMs } : undefined;
  const { typing: before } = history;
  const goesOn =
    typing && before?.place === typing.place && atMs - before.atMs <= typingPauseMs && history.future.length === 0;
  const past = goesOn ? history.past : [...history.past, history.present].slice(-maxUndo);
  return { past, present: draft, future: [], typing };
}

export function undo(history: DraftHistory): DraftHistory {
  const before = history.past.at(-1);
  if (!before) return history;
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future] };
}

export function redo(history: DraftHistory): DraftHistory {
  const [next, ...future] = history.future;
  if (!next) return history;
  return { past: [...history.past, history.present], present: next, future };
}
