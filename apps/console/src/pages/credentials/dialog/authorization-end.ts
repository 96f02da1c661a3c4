import { ApiProblem } from '../../../api/api-problem.js';

/** What came of an authorization, as the window that it came back to tells the page that waits. */
export type AuthorizationEnd =
  | { state: string; credentialId: string }
  | { state: string; problem: Pick<ApiProblem, 'code' | 'status' | 'detail' | 'requestId'> & { title: string } };

/** Heard by pages of this origin only. */
const channelName = 'millrace-authorization';

export function tellAuthorizationEnd(end: AuthorizationEnd): void {
  const channel = new BroadcastChannel(channelName);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel reaches its own origin only
  channel.postMessage(end);
  channel.close();
}

/** Resolves with the id of the credential once the authorization of this state is finished. @throws ApiProblem with what came of it. */
export function hearAuthorizationEnd(state: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const channel = new BroadcastChannel(channelName);
    channel.addEventListener('message', ({ data }: MessageEvent<AuthorizationEnd>) => {
      if (data.state !== state) return;
      channel.close();
      if ('credentialId' in data) resolve(data.credentialId);
      else reject(new ApiProblem(data.problem));
    });
    signal.addEventListener('abort', () => channel.close(), { once: true });
  });
}
