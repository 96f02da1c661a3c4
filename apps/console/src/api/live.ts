import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { keys, type Subject } from './keys.js';
import { sessionKey } from './session.js';
import { readLiveChange, subjectsOf } from './live-change.js';
import { createRefresher } from './refresher.js';

/** Bursts of changes lead to one look at the control plane each half second. */
const gatherMs = 500;
const pollEveryMs = 5_000;
/** How long until live updates are tried again after they were refused. */
const reopenAfterMs = 60_000;
/** What changes by itself, and so is asked for again when nobody tells. */
const polled: readonly Subject[] = [
  keys.flows,
  keys.flowFigures,
  keys.runs,
  keys.jobs,
  keys.incidents,
  keys.rejections,
  keys.parked,
];
/** All that live updates tell of. */
const told: readonly Subject[] = [...polled, keys.credentials, keys.components];

/**
 * Keeps what pages show current: listens to `/v1/live` and asks again for what has changed. Where live updates are not
 * to be had it asks every few seconds instead, and says nothing. Mounted once, in the frame.
 */
export function useLiveUpdates(): void {
  const client = useQueryClient();
  useEffect(() => followChanges(client), [client]);
}

/** Follows changes until the function that it returns is called. */
function followChanges(client: QueryClient): () => void {
  const refresher = createRefresher(client, gatherMs);
  let source: EventSource | undefined;
  let mayHaveMissed = false;
  let polling: ReturnType<typeof setInterval> | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;

  const poll = (): void => {
    polling ??= setInterval(() => {
      if (!document.hidden) refresher.note(polled);
    }, pollEveryMs);
  };
  const open = (): void => {
    source = new EventSource('/v1/live', { withCredentials: true });
    source.addEventListener('open', () => {
      clearInterval(polling);
      polling = undefined;
    });
    source.addEventListener('ready', () => {
      // What a page shows at first was read just now. Each further time says that changes were not told meanwhile.
      if (mayHaveMissed) refresher.note(told);
      mayHaveMissed = true;
    });
    source.addEventListener('change', ({ data }: MessageEvent<string>) => {
      const change = readLiveChange(data);
      if (change) refresher.note(subjectsOf(change));
    });
    source.addEventListener('error', () => {
      mayHaveMissed = true;
      poll();
      // A refusal closes the source for good; after a lost connection the browser opens it again by itself.
      if (source?.readyState !== EventSource.CLOSED) return;
      reopening = setTimeout(open, reopenAfterMs);
      // It may have been refused because the session has ended.
      void client.invalidateQueries({ queryKey: sessionKey });
    });
  };

  open();
  return () => {
    source?.close();
    refresher.close();
    clearInterval(polling);
    clearTimeout(reopening);
  };
}
