import { isRecord } from '../../../forms/json-schema.js';
import { scheduleWords, usualSchedule } from './schedule-words.js';
import type { OpenStep } from './step-context.js';
import type { Stage } from './stages.js';

/** The heading of a stage. */
export function stageTitle(stage: Stage, { isTrigger }: Pick<OpenStep, 'isTrigger'>): string {
  switch (stage) {
    case 'component':
      return 'Component';
    case 'operation':
      return isTrigger ? 'Trigger' : 'Action';
    case 'credential':
      return 'Credential';
    case 'fields':
      return isTrigger ? 'Configuration' : 'Configuration and mapping';
    case 'sample':
      return 'Sample';
    case 'summary':
      return 'Summary';
  }
}

const sources = {
  manual: 'Added manually',
  captured: 'Taken from a request',
  generated: 'Generated',
  retrieved: 'Retrieved',
} as const;

/** What is settled in a stage, in a few words. */
export function stageWords(stage: Stage, { step, component, operation, credential, sample }: OpenStep): string {
  switch (stage) {
    case 'component':
      return component?.title ?? 'Nothing chosen yet';
    case 'operation':
      return operation?.title ?? 'Nothing chosen yet';
    case 'credential':
      return step.credentialId ? (credential?.name ?? 'Chosen') : 'None chosen';
    case 'fields': {
      const mapped = isRecord(step.mapping) ? Object.keys(step.mapping) : [];
      const length = Object.keys(step.config ?? {}).length + mapped.length;
      const set = length === 0 ? 'Nothing set' : length === 1 ? '1 field set' : `${length} fields set`;
      if (operation?.triggerType !== 'polling') return set;
      const when = `Looks ${scheduleWords(step.schedule ?? usualSchedule)}`;
      return length === 0 ? when : `${when}, ${set}`;
    }
    case 'sample':
      return sample ? sources[sample.source] : 'None yet';
    case 'summary':
      return 'Name and note';
  }
}

/** Where a sample comes from. */
export function sampleSourceWords(source: keyof typeof sources): string {
  return sources[source];
}
