import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { endSession, useCurrentSession, useSessionEnded } from '../../../api/session.js';
import type { Flow } from '../../../api/schema.generated.js';
import type { ServerDraft } from './autosave.js';
import { createDraftStore, type DraftStore } from './draft-store.js';
import { saverWords } from './saver-words.js';
import { draftKey, saveDraft, useServerDraft } from './server-draft.js';
import { forgetUnsaved, keepUnsaved, readUnsaved } from './unsaved-draft.js';
import { DraftContext, type OpenDraft } from './use-draft.js';
import { useSamples } from './use-samples.js';
import { useSelectedStep } from './use-selected-step.js';

export interface DraftProviderProps {
  flow: Flow;
  /** The draft as it was read when the designer was opened. */
  server: ServerDraft;
  children: ReactNode;
}

/** Holds the draft of an open flow and saves it as it changes. Give it the id of the flow as its key. */
export function DraftProvider({ flow, server, children }: DraftProviderProps): ReactNode {
  const store = useDraftStore(flow.id, server);
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const { samples, reloadSamples } = useSamples(flow.id);
  const selection = useSelectedStep();

  useFollowOthers(flow.id, store);
  useSaveOnLeaving(store, state.saveState !== 'saved');
  useEffect(() => store.noteIds(samples.keys()), [store, samples]);

  const open = useMemo<OpenDraft>(() => {
    const { edit, editStep, undo, redo, saveNow, replace, resolve } = store;
    const actions = { edit, editStep, undo, redo, saveNow, replace, resolve };
    return { ...state, ...actions, ...selection, flow, samples, reloadSamples };
  }, [store, state, selection, flow, samples, reloadSamples]);
  return <DraftContext value={open}>{children}</DraftContext>;
}

function useDraftStore(flowId: string, server: ServerDraft): DraftStore {
  const client = useQueryClient();
  const [store] = useState(() =>
    createDraftStore(
      {
        save: async (draft, revision) => {
          const outcome = await saveDraft(flowId, draft, revision);
          if (outcome.outcome === 'failed' && outcome.problem.status === 401) endSession(client);
          if (outcome.outcome === 'saved') client.setQueryData(draftKey(flowId), outcome.saved);
          return outcome;
        },
        keep: (unsaved) => {
          if (unsaved) keepUnsaved(sessionStorage, flowId, unsaved);
          else forgetUnsaved(sessionStorage, flowId);
        },
        nowMs: Date.now,
      },
      server,
      readUnsaved(sessionStorage, flowId),
    ),
  );
  return store;
}

/** Shows what someone else saves, as long as nothing here is unsaved. */
function useFollowOthers(flowId: string, store: DraftStore): void {
  const { data } = useServerDraft(flowId);
  const { id: userId } = useCurrentSession().user;
  useEffect(() => {
    if (!data || !store.follow(data)) return;
    const elsewhere = data.savedBy?.id === userId ? ' elsewhere' : '';
    const message = `${saverWords(data, userId)} changed this draft${elsewhere}; you see it as it is now.`;
    // Whoever types saves again and again: that is told once, as long as it is in sight.
    const id = `changed ${flowId}`;
    notifications.hide(id);
    notifications.show({ id, message });
  }, [data, flowId, store, userId]);
}

/** What is unsaved when the page is left is saved then; closing the tab asks first, for the save may not get through. */
function useSaveOnLeaving(store: DraftStore, isUnsaved: boolean): void {
  const sessionEnded = useSessionEnded();
  useEffect(() => {
    // Signed in again: what the end of the session held back goes through now.
    if (!sessionEnded && store.getState().saveState === 'failed') void store.saveNow();
  }, [sessionEnded, store]);
  useEffect(() => {
    if (!isUnsaved) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    globalThis.addEventListener('beforeunload', ask);
    return () => globalThis.removeEventListener('beforeunload', ask);
  }, [isUnsaved]);
  const mounted = useRef(false);
  useEffect(() => {
    mounted.current = true;
    store.begin();
    return () => {
      mounted.current = false;
      void store.saveNow().then(() => {
        if (!mounted.current) store.close();
        return undefined;
      });
    };
  }, [store]);
}
