import { z } from 'zod';
import type { Json, JsonObject } from '@millrace/contracts';
import { flowSettingsSchema, type FlowSettings } from './flow-settings.js';
import { retrySettingsSchema, type RetrySettings } from './retry-policy.js';
import { scheduleSettingsSchema, type ScheduleSettings } from './schedule.js';

/** One use of an operation. A draft may be incomplete: what is missing becomes a problem, not a refusal. */
export interface DraftStep {
  id: string;
  component?: string | null | undefined;
  operation?: string | null | undefined;
  name?: string | undefined;
  note?: string | undefined;
  credentialId?: string | null | undefined;
  config?: JsonObject | undefined;
  /** JSON whose string leaves are expressions. */
  mapping?: Json | undefined;
  retry?: RetrySettings | undefined;
  timeoutMs?: number | undefined;
  /** Of a polling trigger: when it is called. */
  schedule?: ScheduleSettings | undefined;
}

export interface Edge {
  from: string;
  to: string;
  /** An expression that gives true or false, on what the mapping of the step it leads to reads. */
  condition?: string | null | undefined;
  /** Taken when no condition of the step's other edges was true. */
  default?: boolean | undefined;
}

/** What the designer edits: DESIGN calls it the draft of a flow; a published version has the same shape. */
export interface FlowDraft {
  steps: DraftStep[];
  edges: Edge[];
  /** How the runs of the flow begin; without them, at once. */
  settings?: FlowSettings | undefined;
}

export const maxSteps = 500;

const stepId = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, 'A step id begins with a letter and has letters, digits and underscores only');

const draftStep = z.strictObject({
  id: stepId,
  component: z.string().max(64).nullish(),
  operation: z.string().max(64).nullish(),
  name: z.string().max(200).optional(),
  note: z.string().max(10_000).optional(),
  credentialId: z.string().max(64).nullish(),
  config: z.record(z.string(), z.json()).optional(),
  mapping: z.json().optional(),
  retry: retrySettingsSchema.optional(),
  timeoutMs: z.number().int().min(100).max(900_000).optional(),
  schedule: scheduleSettingsSchema.optional(),
});

const edge = z.strictObject({
  from: stepId,
  to: stepId,
  condition: z.string().max(10_000).nullish(),
  default: z.boolean().optional(),
});

/** The outer shape of a draft; what it does not refuse is judged by `validateDraft`. */
export const flowDraftSchema: z.ZodType<FlowDraft> = z.strictObject({
  steps: z.array(draftStep).max(maxSteps),
  edges: z.array(edge).max(maxSteps * 4),
  settings: flowSettingsSchema.optional(),
});

export const emptyDraft: FlowDraft = { steps: [], edges: [] };
