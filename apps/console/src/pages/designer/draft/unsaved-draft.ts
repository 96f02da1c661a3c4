import type { FlowDraft } from '@millrace/flow-model';

/** A draft that was not saved yet when its page was left. */
export interface UnsavedDraft {
  draft: FlowDraft;
  /** What it was made of; missing where both together are too much to keep. */
  base?: FlowDraft;
  baseRevision: number;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const keyOf = (flowId: string): string => `millrace-draft-${flowId}`;

/** Keeps unsaved work in this tab, past a reload. Where the browser has no room or allows none, nothing is kept. */
export function keepUnsaved(store: Store, flowId: string, unsaved: UnsavedDraft): void {
  const { base: _base, ...withoutBase } = unsaved;
  for (const kept of [unsaved, withoutBase]) {
    try {
      store.setItem(keyOf(flowId), JSON.stringify(kept));
      return;
    } catch {
      // Too much: the next try is smaller.
    }
  }
  forgetUnsaved(store, flowId);
}

export function readUnsaved(store: Store, flowId: string): UnsavedDraft | undefined {
  try {
    const kept = JSON.parse(store.getItem(keyOf(flowId)) ?? 'null') as UnsavedDraft | null;
    const isDraft = Array.isArray(kept?.draft?.steps) && Array.isArray(kept.draft.edges);
    return isDraft && Number.isInteger(kept?.baseRevision) ? (kept ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

export function forgetUnsaved(store: Store, flowId: string): void {
  try {
    store.removeItem(keyOf(flowId));
  } catch {
    // No storage: nothing is kept there.
  }
}
