import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiProblem } from '../../../api/api-problem.js';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { AuthorizeCredential, Credential } from '../../../api/schema.generated.js';
import { hearAuthorizationEnd } from './authorization-end.js';

export interface AuthorizationInWindow {
  begin: (body: AuthorizeCredential) => void;
  stop: () => void;
  waiting: boolean;
  error: unknown;
}

/**
 * Sends the person to another system in a window of its own and waits until that comes back and says what came of it. Whether
 * the window is still open cannot be known: browsers part it from this page when the other system asks them to.
 */
export function useAuthorization(onConnected: (credential: Credential) => void): AuthorizationInWindow {
  const client = useQueryClient();
  const [waiting, setWaiting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const present = useRef<AbortController>(undefined);
  useEffect(() => () => present.current?.abort(), []);

  const begin = (body: AuthorizeCredential): void => {
    present.current?.abort();
    const controller = new AbortController();
    const { signal } = controller;
    present.current = controller;
    setError(null);
    // Opened in the click itself, or the browser refuses it.
    const popup = globalThis.open('', '_blank', 'popup,width=640,height=760');
    setWaiting(true);
    signal.addEventListener('abort', () => {
      setWaiting(false);
      popup?.close();
    });
    void follow(body, popup, signal).then(
      (credential) => {
        if (signal.aborted) return;
        controller.abort();
        void client.invalidateQueries({ queryKey: [keys.credentials] });
        onConnected(credential);
      },
      (problem: unknown) => {
        if (signal.aborted) return;
        setError(problem);
        controller.abort();
      },
    );
  };
  return { begin, waiting, error, stop: () => present.current?.abort() };
}

async function follow(body: AuthorizeCredential, popup: Window | null, signal: AbortSignal): Promise<Credential> {
  if (!popup) {
    throw new ApiProblem({
      code: 'window_refused',
      title: 'The browser opened no window',
      status: 0,
      detail: 'Allow windows of this page, then connect again.',
    });
  }
  const { url } = await unwrap(api.POST('/v1/credentials/oauth2/authorize', { body, signal }));
  if (!/^https?:\/\//.test(url)) throw new Error('The page to authorize at has no http address');
  const end = hearAuthorizationEnd(new URL(url).searchParams.get('state') ?? '', signal);
  popup.location.href = url;
  const params = { path: { credentialId: await end } };
  return unwrap(api.GET('/v1/credentials/{credentialId}', { params, signal }));
}
