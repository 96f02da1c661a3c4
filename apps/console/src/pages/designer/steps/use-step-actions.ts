import { notifications } from '@mantine/notifications';
import type { DraftStep } from '@millrace/flow-model';
import { useMemo } from 'react';
import { useComponentsByName } from '../../../api/catalogue.js';
import { offerUndo } from '../../../ui/offer-undo.js';
import {
  addAfter,
  addBetween,
  addBranch,
  addTrigger,
  removeBranch,
  removeStep,
  type EdgeEnds,
} from '../draft/edits.js';
import { moveAfter, moveStep, type Direction } from '../draft/moves.js';
import { useDraft, type OpenDraft } from '../draft/use-draft.js';
import { titleOf } from './step-view.js';
import { useLatest } from './use-latest.js';

/** What can be done to the steps of the open draft; the same functions for as long as it is open. */
export interface StepActions {
  addTrigger: () => void;
  addAfter: (stepId: string) => void;
  addBranch: (stepId: string) => void;
  addBetween: (ends: EdgeEnds) => void;
  /** Deletes the step; those after it move up. */
  remove: (stepId: string) => void;
  removeBranch: (stepId: string) => void;
  move: (stepId: string, direction: Direction) => void;
  /** Takes the step from its place and puts it after another. */
  moveAfter: (stepId: string, targetId: string) => void;
}

export function useStepActions(): StepActions {
  const latest = useLatest(useDraft());
  const components = useLatest(useComponentsByName());
  return useMemo(() => {
    const title = (step: DraftStep): string =>
      titleOf(step, components.current, step === latest.current.draft.steps[0]);
    return actionsOn(latest, title);
  }, [latest, components]);
}

function actionsOn(latest: { readonly current: OpenDraft }, title: (step: DraftStep) => string): StepActions {
  const add = (insert: (draft: OpenDraft['draft'], id: string) => OpenDraft['draft']): void => {
    let added: string | undefined;
    latest.current.edit((draft, newId) => {
      const id = newId();
      const next = insert(draft, id);
      if (next !== draft) added = id;
      return next;
    });
    // What it shall do is the next question.
    if (added !== undefined) latest.current.select(added);
  };
  const take = (stepId: string, remove: typeof removeStep, what: string): void => {
    const { draft, edit, select, selectedStepId } = latest.current;
    const after = remove(draft, stepId);
    if (after === draft) return;
    edit(() => after);
    if (selectedStepId !== null && !after.steps.some(({ id }) => id === selectedStepId)) select(null);
    offerUndo({
      message: `${what} deleted`,
      onUndo: () => {
        if (latest.current.draft === after) latest.current.undo();
        else notifications.show({ message: 'The draft was changed since: go back step by step with Ctrl+Z.' });
      },
    });
  };
  const nameOf = (stepId: string): string =>
    title(latest.current.draft.steps.find(({ id }) => id === stepId) ?? { id: stepId });
  return {
    addTrigger: () => add(addTrigger),
    addAfter: (stepId) => add((draft, id) => addAfter(draft, stepId, id)),
    addBranch: (stepId) => add((draft, id) => addBranch(draft, stepId, id)),
    addBetween: (ends) => add((draft, id) => addBetween(draft, ends, id)),
    remove: (stepId) => take(stepId, removeStep, `“${nameOf(stepId)}” is`),
    removeBranch: (stepId) => take(stepId, removeBranch, `“${nameOf(stepId)}” and what follows it are`),
    move: (stepId, direction) => latest.current.edit((draft) => moveStep(draft, stepId, direction)),
    moveAfter: (stepId, targetId) => latest.current.edit((draft) => moveAfter(draft, stepId, targetId)),
  };
}
