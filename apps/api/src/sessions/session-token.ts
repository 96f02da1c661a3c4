import { createHash, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Tell our tokens from others, and their kinds from each other, to people and to scanners for leaked secrets. */
const prefixes = { session: 'mrs_', apiToken: 'mrt_', invitation: 'mri_' } as const;

/** A new token: 256 random bits. */
export function newToken(kind: keyof typeof prefixes): string {
  return prefixes[kind] + randomBytes(32).toString('base64url');
}

/** Whether a token says that it is an API token, and no session's. */
export function isApiToken(token: string): boolean {
  return token.startsWith(prefixes.apiToken);
}

/** How a token begins: enough to tell it from its neighbours, too little to help anybody guess it. */
export function shownPrefix(token: string): string {
  return token.slice(0, 10);
}

/** What is kept of a token. The token is random, so a plain hash cannot be searched. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The token that a request carries: the bearer token if it has one, else the cookie. */
export function tokenOf(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  return request.cookies[cookieName(request)];
}

/**
 * The name of the session cookie. Browsers take a `__Host-` cookie only over https and from this very host, so no
 * neighbouring host can set one.
 */
export function cookieName(request: FastifyRequest): string {
  return isSecure(request) ? '__Host-millrace_session' : 'millrace_session';
}

/** Attributes of the session cookie. How long it is good for is decided here, not by the browser. */
export function cookieAttributes(request: FastifyRequest): {
  path: string;
  httpOnly: boolean;
  sameSite: 'lax';
  secure: boolean;
} {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request) };
}

function isSecure(request: FastifyRequest): boolean {
  return request.protocol === 'https';
}
