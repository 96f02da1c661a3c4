import type { CredentialId, FlowId, WorkspaceId } from '@millrace/contracts';
import { openCredential } from '@millrace/credentials';
import type { Logger } from '@millrace/observability';
import type { HookFlowRow } from '@millrace/persistence';
import {
  createAuthenticator,
  presets,
  secretPlaces,
  webhookCredentialSchema,
  type Authenticator,
  type SecretPlaces,
  type WebhookCredential,
} from '@millrace/signatures';
import { readReceiveSettings, type ReceiveSettings } from '@millrace/webhook-settings';
import { fixedAnswer, type FlowAnswer } from '../answers/flow-answer.js';

/** The trigger step of a flow, prepared once so that a call costs little. */
export interface HookTrigger {
  settings: ReceiveSettings;
  methods: ReadonlySet<string>;
  /** The value of `Allow`. */
  allow: string;
  authenticate: Authenticator;
  /** Where calls carry the secret itself: what goes on leaves these out. */
  secretPlaces: SecretPlaces;
  /** Where calls are signed, in lower case: records mask these. */
  signatureHeaders: readonly string[];
  /** What the flow answers instead of thank you. */
  answer: FlowAnswer | undefined;
}

/** A trigger step as it stands in a version or a draft, with its credential. */
export interface TriggerStep {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  step: NonNullable<HookFlowRow['trigger']>;
  credentialId: CredentialId | null;
  sealed: string | null;
}

export interface TriggerDeps {
  credentialKey: Buffer;
  logger: Logger;
}

export function prepareTrigger(trigger: TriggerStep, deps: TriggerDeps): HookTrigger {
  const settings = settingsOf(trigger, deps.logger);
  return {
    settings,
    methods: new Set(settings.methods),
    allow: settings.methods.join(', '),
    answer: settings.answer && fixedAnswer(settings.answer),
    ...guardOf(trigger, deps),
  };
}

/** A version was checked when it was published; a draft may hold anything. */
function settingsOf({ flowId, step }: TriggerStep, logger: Logger): ReceiveSettings {
  try {
    return readReceiveSettings(step.config);
  } catch (error) {
    logger.error(
      { err: error, flowId },
      'the settings of a webhook cannot be read, it takes calls with the usual ones',
    );
    return readReceiveSettings({});
  }
}

type Guard = Pick<HookTrigger, 'authenticate' | 'secretPlaces' | 'signatureHeaders'>;

/** Without a credential that can be used nobody can prove who they are, so nobody gets in. */
function guardOf({ flowId, workspaceId, credentialId, sealed }: TriggerStep, deps: TriggerDeps): Guard {
  if (credentialId === null || sealed === null) return refuseEveryone;
  try {
    const keys = deps.credentialKey;
    const fields = openCredential({ keys, workspaceId, credentialId, component: 'webhook', sealed });
    const credential = webhookCredentialSchema.parse(fields);
    return {
      authenticate: createAuthenticator(fields, { clock: Date.now }),
      secretPlaces: secretPlaces(credential),
      signatureHeaders: signatureHeaders(credential),
    };
  } catch (error) {
    const about = { err: error, flowId, credentialId };
    deps.logger.error(about, 'the credential of a flow cannot be used, its calls are refused');
    return refuseEveryone;
  }
}

function signatureHeaders(credential: WebhookCredential): string[] {
  if (credential.type !== 'hmac') return [];
  if (!credential.preset) return credential.header === undefined ? [] : [credential.header.toLowerCase()];
  return presets[credential.preset].schemes.flatMap(({ signature }) => ('header' in signature ? signature.header : []));
}

const refuseEveryone: Guard = {
  authenticate: Object.assign(() => ({ outcome: 'refused', reason: 'no_credential' }) as const, { needsBody: false }),
  secretPlaces: { headers: [], queryNames: [] },
  signatureHeaders: [],
};
