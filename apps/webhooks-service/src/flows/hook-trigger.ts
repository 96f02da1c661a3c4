import type { FlowId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import type { HookFlowRow } from '@millrace/persistence';
import type { Authenticator, SecretPlaces } from '@millrace/signatures';
import { readReceiveSettings, type ReceiveSettings } from '@millrace/webhook-settings';
import { fixedAnswer, type FlowAnswer } from '../answers/flow-answer.js';
import type { HookCredential } from './hook-credential.js';

/** The trigger step of a flow, prepared once so that a call costs little. */
export interface HookTrigger {
  settings: ReceiveSettings;
  methods: ReadonlySet<string>;
  /** The value of `Allow`. */
  allow: string;
  authenticate: Authenticator;
  /** Where calls carry the secret itself: what goes on leaves these out. */
  secretPlaces: SecretPlaces;
  /** What the flow answers instead of thank you. */
  answer: FlowAnswer | undefined;
}

/** A trigger step as it stands in a version or a draft. */
export interface TriggerStep {
  flowId: FlowId;
  step: NonNullable<HookFlowRow['trigger']>;
  /** `undefined` when there is none that can be used: nobody can prove who they are then, so nobody gets in. */
  credential: HookCredential | undefined;
}

export function prepareTrigger(trigger: TriggerStep, logger: Logger): HookTrigger {
  const settings = settingsOf(trigger, logger);
  const { authenticate, secretPlaces } = trigger.credential ?? refuseEveryone;
  return {
    settings,
    methods: new Set(settings.methods),
    allow: settings.methods.join(', '),
    answer: settings.answer && fixedAnswer(settings.answer),
    authenticate,
    secretPlaces,
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

/** Where the credential cannot be used. */
export const refuseEveryone: Pick<HookTrigger, 'authenticate' | 'secretPlaces'> = {
  authenticate: Object.assign(() => ({ outcome: 'refused', reason: 'no_credential' }) as const, { needsBody: false }),
  secretPlaces: { headers: [], queryNames: [] },
};
