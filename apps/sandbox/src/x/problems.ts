import type { FastifyReply } from 'fastify';

/** An answer that refuses a call, in one of the shapes that the X API has. */
export interface Refusal {
  status: number;
  body: Readonly<Record<string, unknown>>;
}

/** Most refusals of v2: RFC 7807 with the words in `detail`. */
export function problem(status: number, title: string, detail = title): Refusal {
  return { status, body: { title, type: 'about:blank', status, detail } };
}

/** A call whose parameters are wrong; each one with what was sent for it. */
export function invalidRequest(parameter: string, sent: unknown, message: string): Refusal {
  return {
    status: 400,
    body: {
      errors: [{ parameters: { [parameter]: [String(sent)] }, message }],
      title: 'Invalid Request',
      detail: 'One or more parameters to your request was invalid.',
      type: 'https://api.twitter.com/2/problems/invalid-request',
    },
  };
}

/** Who calls is not known; code and message are those that the API has had for OAuth 1.0a since v1.1. */
export function unauthorized(code?: number, message?: string): Refusal {
  const plain = problem(401, 'Unauthorized');
  return code === undefined ? plain : { status: 401, body: { ...plain.body, errors: [{ code, message }] } };
}

/** X answers 200 with this when what was asked for by its id or name is not there. */
export function notFoundError(resource: 'user' | 'tweet', parameter: string, value: string): Record<string, unknown> {
  return {
    value,
    detail: `Could not find ${resource} with ${parameter}: [${value}].`,
    title: 'Not Found Error',
    resource_type: resource,
    parameter,
    resource_id: value,
    type: 'https://api.twitter.com/2/problems/resource-not-found',
  };
}

export function sendRefusal(reply: FastifyReply, { status, body }: Refusal): FastifyReply {
  return reply.code(status).type('application/problem+json').send(body);
}
