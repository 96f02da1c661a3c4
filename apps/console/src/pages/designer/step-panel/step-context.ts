import type { DraftStep, Edge } from '@millrace/flow-model';
import { createContext, useContext } from 'react';
import type { Component, Credential, Operation } from '../../../api/schema.generated.js';
import type { StepChange } from '../draft/edits.js';
import type { StepSample } from '../draft/use-samples.js';
import type { DataSource } from './mapping/data-tree.js';

/** The step that the panel leads through, and what its stages need to know. */
export interface OpenStep {
  step: DraftStep;
  isTrigger: boolean;
  component: Component | undefined;
  operation: Operation | undefined;
  /** The chosen one, once it is known. */
  credential: Credential | undefined;
  /** Faults by pointer within the step. */
  problems: ReadonlyMap<string, string>;
  /** Pointers of those that only say that something is not filled in yet. */
  missing: ReadonlySet<string>;
  /** Faults to show at their fields: what is merely missing is told to those who ask for it. */
  shown: ReadonlyMap<string, string>;
  sample: StepSample | undefined;
  /** What its expressions can read, the step before first. */
  sources: readonly DataSource[];
  /** The same for previews. */
  context: { output?: unknown; steps: Record<string, unknown>; request: unknown; run: unknown };
  /** Another one when the context is. */
  contextKey: string;
  /** The edge that leads to it. */
  edge: Edge | undefined;
  change: (change: StepChange) => void;
  /** Closes the panel. */
  close: () => void;
}

export const StepContext = createContext<OpenStep | null>(null);

/** The step of the panel. @throws Error outside of it. */
export function useStep(): OpenStep {
  const open = useContext(StepContext);
  if (!open) throw new Error('There is no step here: this belongs into the step panel');
  return open;
}
