import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { demoApp, type XUser } from './users.js';

export const knownScopes = ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'] as const;
export type Scope = (typeof knownScopes)[number];

export interface Grant {
  user: XUser;
  clientId: string;
  scopes: ReadonlySet<string>;
}

interface Code extends Grant {
  redirectUri: string;
  challenge: string;
  expiresAt: number;
}

/** As the token endpoint answers. */
export interface IssuedTokens {
  token_type: 'bearer';
  expires_in: number;
  access_token: string;
  scope: string;
  refresh_token?: string;
}

export type TokenAnswer =
  | { ok: true; tokens: IssuedTokens }
  | { ok: false; status: 400 | 401; error: string; description: string };

const codeLifeMs = 30_000;
const accessLifeSeconds = 7_200;

/** Codes, access tokens and refresh tokens of OAuth 2.0 with PKCE (RFC 6749, RFC 7636), in memory. */
export class OAuth2 {
  private readonly codes = new Map<string, Code>();
  private readonly access = new Map<string, Grant & { expiresAt: number }>();
  private readonly refresh = new Map<string, Grant>();
  private accessLifeSeconds = accessLifeSeconds;
  /** Answered calls of the token endpoint that asked for a refresh. */
  refreshes = 0;

  isClient(clientId: string | undefined): boolean {
    return clientId === demoApp.clientId || clientId === demoApp.publicClientId;
  }

  /** A code, which is good once and for 30 s. */
  grantCode(grant: Grant & { redirectUri: string; challenge: string }): string {
    const code = newToken();
    this.codes.set(code, { ...grant, expiresAt: Date.now() + codeLifeMs });
    return code;
  }

  /** Exchanges a code. It is spent by any attempt, so that who stole it cannot go on guessing. */
  exchangeCode(
    clientId: string,
    given: { code: string; redirectUri: string; verifier: string },
    nowMs = Date.now(),
  ): TokenAnswer {
    const code = this.codes.get(given.code);
    this.codes.delete(given.code);
    if (!code || code.clientId !== clientId || nowMs > code.expiresAt) {
      return invalid('Value passed for the authorization code was invalid.');
    }
    if (code.redirectUri !== given.redirectUri) return invalid('Value passed for the redirect uri did not match.');
    if (!same(challengeOf(given.verifier), code.challenge)) {
      return invalid('Value passed for the code verifier did not match the code challenge.');
    }
    return { ok: true, tokens: this.issue(code) };
  }

  /** A new pair of tokens; the refresh token that was given is spent. */
  exchangeRefreshToken(clientId: string, refreshToken: string): TokenAnswer {
    const grant = this.refresh.get(refreshToken);
    if (!grant || grant.clientId !== clientId) return invalid('Value passed for the token was invalid.');
    this.refresh.delete(refreshToken);
    this.refreshes += 1;
    return { ok: true, tokens: this.issue(grant) };
  }

  /** Tokens for a grant; a refresh token only for who may come back later. */
  issue(grant: Grant, lifeSeconds = this.accessLifeSeconds): IssuedTokens {
    const accessToken = newToken();
    this.access.set(accessToken, { ...grant, expiresAt: Date.now() + lifeSeconds * 1000 });
    const tokens: IssuedTokens = {
      token_type: 'bearer',
      expires_in: lifeSeconds,
      access_token: accessToken,
      scope: [...grant.scopes].join(' '),
    };
    if (grant.scopes.has('offline.access')) {
      tokens.refresh_token = newToken();
      this.refresh.set(tokens.refresh_token, { ...grant });
    }
    return tokens;
  }

  /** Whom an access token stands for; `undefined` when it is unknown, revoked or over its time. */
  find(accessToken: string, nowMs = Date.now()): Grant | undefined {
    const grant = this.access.get(accessToken);
    return grant && nowMs < grant.expiresAt ? grant : undefined;
  }

  revoke(token: string): void {
    this.access.delete(token);
    this.refresh.delete(token);
  }

  /** Ends the life of all access tokens; refresh tokens stay good. */
  expireAccessTokens(): void {
    this.access.clear();
  }

  /** How long access tokens live that are issued from now on. */
  setAccessLife(seconds: number): void {
    this.accessLifeSeconds = seconds;
  }

  reset(): void {
    this.codes.clear();
    this.access.clear();
    this.refresh.clear();
    this.accessLifeSeconds = accessLifeSeconds;
    this.refreshes = 0;
  }
}

/** The challenge of a verifier by the method S256. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function invalid(description: string): TokenAnswer {
  return { ok: false, status: 400, error: 'invalid_request', description };
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
