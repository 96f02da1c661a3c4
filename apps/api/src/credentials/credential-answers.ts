import { assertNever } from '@millrace/contracts';
import type { CredentialEntity } from '@millrace/persistence';
import { problem } from '../http/problems.js';
import type { CredentialNotStored } from './credential-changes.js';
import type { Credential } from './schemas.js';

/** The credential is not there, or is another workspace's. */
export function missing(): ReturnType<typeof problem> {
  return problem('not_found', { detail: 'There is no credential of this id.' });
}

/** Why a credential was not stored, as the problem that is answered. */
export function refusal(
  refused: CredentialNotStored,
  component: string,
  verifyWithinMs: number,
): ReturnType<typeof problem> {
  switch (refused.outcome) {
    case 'missing':
      return missing();
    case 'unknownComponent':
      return problem('unknown_component', {
        detail: `No component “${component}” has announced itself. GET /v1/components lists those that have.`,
      });
    case 'notTaken':
      return problem('credential_not_taken', { detail: `The component “${component}” works without a credential.` });
    case 'invalid': {
      const problems = refused.problems.map((field) => ({ ...field, pointer: `/fields${field.pointer}` }));
      const name = (pointer: string) => pointer.slice(1).replaceAll('/', '.');
      const detail = problems.map(({ pointer, message }) => `\`${name(pointer)}\` ${message}`).join('; ');
      return problem('validation_failed', { detail, extra: { problems } });
    }
    case 'refused': {
      const { code, message } = refused.reason;
      return problem('credential_refused', { detail: message, extra: { reason: { code, message } } });
    }
    case 'undecided':
      return problem('verification_timeout', {
        detail: `${refused.message.replace(/\.$/, '')}. Nothing was changed: try again once its system answers.`,
      });
    case 'unavailable':
      return problem('component_unavailable', {
        detail: `The component “${component}” cannot be asked at the moment, so nothing was changed. Check that it runs and try again.`,
        headers: { 'retry-after': '10' },
      });
    case 'timeout': {
      const seconds = Math.round(verifyWithinMs / 1_000);
      const detail = `The component “${component}” did not answer within ${seconds} seconds, so nothing was changed. Check that it runs and that it can reach its system.`;
      return problem('component_timeout', { detail });
    }
    default:
      return assertNever(refused);
  }
}

/** A credential as it is answered: without its fields. */
export function credentialView(credential: CredentialEntity): Credential {
  const { id, component, name, status } = credential;
  return {
    id,
    component,
    name,
    status,
    verifiedAt: credential.verifiedAt?.toISOString() ?? null,
    createdAt: credential.createdAt.toISOString(),
    updatedAt: credential.updatedAt.toISOString(),
  };
}
