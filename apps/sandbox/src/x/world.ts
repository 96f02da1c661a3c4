import { Media } from './media.js';
import { OAuth1Verifier } from './oauth1-check.js';
import { OAuth2 } from './oauth2.js';
import { RateLimits } from './rate-limits.js';
import { Tweets } from './tweets.js';

/** An answer that an endpoint gives the next times it is called, whoever calls. */
export interface Fault {
  status: number;
  times: number;
}

/** All that the stand-in for X keeps, in memory. */
export class XWorld {
  readonly tweets = new Tweets();
  readonly media = new Media();
  readonly oauth1 = new OAuth1Verifier();
  readonly oauth2 = new OAuth2();
  readonly limits = new RateLimits();
  private readonly faults = new Map<string, Fault>();

  setFault(endpoint: string, fault: Fault): void {
    this.faults.set(endpoint, { ...fault });
  }

  /** The status with which the endpoint must fail this time; counts it. */
  takeFault(endpoint: string): number | undefined {
    const fault = this.faults.get(endpoint);
    if (!fault || fault.times < 1) return undefined;
    fault.times -= 1;
    return fault.status;
  }

  /** As after a start, but for nonces: a signature is never good twice. */
  reset(): void {
    this.tweets.clear();
    this.media.reset();
    this.oauth2.reset();
    this.limits.reset();
    this.faults.clear();
  }
}
