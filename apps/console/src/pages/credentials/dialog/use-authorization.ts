import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiProblem } from '../../../api/api-problem.js';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { AuthorizeCredential, Credential } from '../../../api/schema.generated.js';

const lookEveryMs = 1_500;

export interface AuthorizationInWindow {
  begin: (body: AuthorizeCredential) => void;
  stop: () => void;
  waiting: boolean;
  error: unknown;
}

/**
 * Sends the person to another system in a window of its own and waits until the credential is there: one that is new, or
 * that has changed since. The window's own address is another origin's, so the control plane is asked.
 */
export function useAuthorization(onConnected: (credential: Credential) => void): AuthorizationInWindow {
  const client = useQueryClient();
  const [waiting, setWaiting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const end = useRef<() => void>(undefined);
  useEffect(() => () => end.current?.(), []);

  const begin = (body: AuthorizeCredential): void => {
    end.current?.();
    setError(null);
    // Opened in the click itself, or the browser refuses it.
    const popup = globalThis.open('', '_blank', 'popup,width=640,height=760');
    setWaiting(true);
    let ended = false;
    const stop = (problem?: unknown): void => {
      if (ended) return;
      ended = true;
      setWaiting(false);
      if (problem !== undefined) setError(problem);
      popup?.close();
    };
    end.current = () => stop();
    void follow(body, popup, () => ended).then(
      (credential) => {
        stop();
        void client.invalidateQueries({ queryKey: [keys.credentials] });
        if (credential) onConnected(credential);
      },
      (problem: unknown) => stop(problem),
    );
  };
  return { begin, waiting, error, stop: () => end.current?.() };
}

async function follow(
  body: AuthorizeCredential,
  popup: Window | null,
  ended: () => boolean,
): Promise<Credential | undefined> {
  if (!popup) {
    throw new ApiProblem({
      code: 'window_refused',
      title: 'The browser opened no window',
      status: 0,
      detail: 'Allow windows of this page, then connect again.',
    });
  }
  const known = new Map((await candidates(body)).map(({ id, updatedAt }) => [id, updatedAt]));
  const { url } = await unwrap(api.POST('/v1/credentials/oauth2/authorize', { body }));
  if (!/^https?:\/\//.test(url)) throw new Error('The page to authorize at has no http address');
  popup.location.href = url;
  while (!ended()) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    if (ended()) return undefined;
    const { closed } = popup;
    const isNew = ({ id, updatedAt }: Credential): boolean =>
      'credentialId' in body ? known.get(id) !== updatedAt : !known.has(id);
    const found = (await candidates(body)).find(isNew);
    if (found) return found;
    if (closed) {
      throw new ApiProblem({
        code: 'window_closed',
        title: 'The window was closed before access was allowed',
        status: 0,
        detail: 'Connect again. If the other system showed a fault, it says what to mend in your app there.',
      });
    }
  }
  return undefined;
}

/** What may be the credential that is waited for: the one to connect again, or those of the name of a new one. */
async function candidates(body: AuthorizeCredential): Promise<Credential[]> {
  if ('credentialId' in body) {
    const { credentialId } = body;
    return [await unwrap(api.GET('/v1/credentials/{credentialId}', { params: { path: { credentialId } } }))];
  }
  const { component, name } = body;
  const query = { component, search: name, limit: 100 };
  const { items } = await unwrap(api.GET('/v1/credentials', { params: { query } }));
  return items.filter((credential) => credential.name === name);
}
