import { createContext, useContext } from 'react';
import type { Flow } from '../../../api/schema.generated.js';
import type { DraftState, DraftStore } from './draft-store.js';
import type { StepSample } from './use-samples.js';

/** The open flow: its draft, what can be done to it, and what is selected in it. */
export interface OpenDraft
  extends DraftState, Pick<DraftStore, 'edit' | 'editStep' | 'undo' | 'redo' | 'saveNow' | 'replace' | 'resolve'> {
  flow: Flow;
  samples: ReadonlyMap<string, StepSample>;
  reloadSamples: () => Promise<void>;
  /** The step that the panel is open for; from the address. */
  selectedStepId: string | null;
  /** The field of that step that is asked for, as `PlacedProblem.field`; from the address. */
  selectedField: string | null;
  /** Opens the panel for a step and, if one is given, leads to a field of it; `null` closes it. */
  select: (stepId: string | null, field?: string) => void;
}

export const DraftContext = createContext<OpenDraft | null>(null);

/** The draft of the open designer. @throws Error outside of a `DraftProvider`. */
export function useDraft(): OpenDraft {
  const draft = useContext(DraftContext);
  if (!draft) throw new Error('There is no draft here: wrap this in a DraftProvider');
  return draft;
}
