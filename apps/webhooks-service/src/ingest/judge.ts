import type { Authentication, Handshake, RefusalReason, RefusedAuthentication } from '@millrace/signatures';
import { refused, type Refusal } from '../answers/refusals.js';
import type { HookTrigger } from '../flows/hook-trigger.js';
import type { Call } from './call.js';

/** `undefined`: the caller has proved who they are, and the call goes on. */
export type Judged = Refusal | Handshake | undefined;

/** Judges a call by the credential of its flow; `body` are the bytes as they came. */
export function judge(trigger: HookTrigger, call: Call, body: Buffer): Judged {
  const { method, url, headers } = call;
  return judgementOf(trigger.authenticate({ method, url, headers, body }));
}

/** What an authentication means for the call. */
export function judgementOf(authentication: RefusedAuthentication): Refusal;
export function judgementOf(authentication: Authentication): Judged;
export function judgementOf(authentication: Authentication): Judged {
  if (authentication.outcome === 'authentic') return undefined;
  if (authentication.outcome === 'handshake') return authentication;
  const { reason, challenge } = authentication;
  return refused('unauthorized', {
    forRecord: words[reason],
    ...(challenge === undefined ? {} : { headers: { 'www-authenticate': challenge } }),
  });
}

/** For the record of who runs the flow: a caller does not learn what was wrong. */
const words: Record<RefusalReason, string> = {
  missing_credentials: 'The call has no credentials.',
  wrong_credentials: 'The credentials are wrong.',
  missing_signature: 'The call has no signature where the credential says that one is.',
  malformed_signature: 'The signature does not have the form that the credential says.',
  ambiguous_signature: 'The call has several signatures where there can be one.',
  wrong_signature: 'The signature does not fit the body and the secret.',
  missing_timestamp: 'The call has no timestamp.',
  malformed_timestamp: 'The timestamp cannot be read.',
  timestamp_too_old: 'The signature fits, but its timestamp is too old.',
  timestamp_in_future: 'The signature fits, but its timestamp lies in the future.',
  missing_signed_part: 'The call does not have all that the signature covers.',
  body_not_signed: 'The signature does not cover the body.',
  no_credential: 'The flow has no credential that can be used, so nobody gets in.',
};
