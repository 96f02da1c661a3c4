/** A small client of the control plane for the first flow, tests and benchmarks. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
}

/** An answer that is not a success. The message holds the problem's text and place, and no secret. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly problem: unknown,
    call: string,
  ) {
    super(`${call} was answered ${status}: ${JSON.stringify(problem)}`);
  }
}

/** Signs in and returns a client that carries the session. @throws ApiError when the sign-in is refused. */
export async function signIn(apiUrl: string, email: string, password: string): Promise<ApiClient> {
  const { token } = await call<{ token: string }>(apiUrl, undefined, 'POST', {
    path: '/v1/sessions',
    body: { email, password },
  });
  return {
    get: (path) => call(apiUrl, token, 'GET', { path }),
    post: (path, body) => call(apiUrl, token, 'POST', { path, body }),
    put: (path, body) => call(apiUrl, token, 'PUT', { path, body }),
    patch: (path, body) => call(apiUrl, token, 'PATCH', { path, body }),
    delete: (path) => call(apiUrl, token, 'DELETE', { path }),
  };
}

async function call<T>(
  apiUrl: string,
  token: string | undefined,
  method: string,
  { path, body }: { path: string; body?: unknown },
): Promise<T> {
  const response = await fetch(`${apiUrl}${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  const answer: unknown = text && /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
  if (!response.ok) throw new ApiError(response.status, answer, `${method} ${path}`);
  return answer as T;
}
