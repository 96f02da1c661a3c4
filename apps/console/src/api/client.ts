import createClient from 'openapi-fetch';
import { ApiProblem, problemOfAnswer } from './api-problem.js';
import type { paths } from './schema.generated.js';

/**
 * Calls the control plane that this page came from, with the session's cookie. Refusals come back as `error`;
 * `unwrap` throws them.
 */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: fetchOrProblem });

/**
 * The data of an answer. @throws ApiProblem for everything but a success.
 *
 *     const flow = await unwrap(api.GET('/v1/flows/{flowId}', { params: { path: { flowId } }, signal }));
 */
export async function unwrap<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOfAnswer(response, error);
  return data as Exclude<Data, undefined>;
}

async function fetchOrProblem(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (cause) {
    // A query that nobody waits for any more.
    if (request.signal.aborted) throw cause;
    throw new ApiProblem({
      code: 'unreachable',
      title: 'Millrace cannot be reached',
      status: 0,
      detail: 'Check your connection. What you have typed is kept; try again in a moment.',
      cause,
    });
  }
}
