import { useEffect, useRef, useState, type RefObject } from 'react';
import { useDraft } from '../draft/use-draft.js';
import { useStep } from './step-context.js';
import { firstStage, nextStage, previousStage, stageOfField, stagesOf, type Stage } from './stages.js';

export interface StageWalk {
  stage: Stage;
  go: (stage: Stage) => void;
  next: () => void;
  back: () => void;
}

/** Which stage is open. A field that the address names opens its stage and gets the focus. */
export function useStages(frame: RefObject<HTMLElement | null>): StageWalk {
  const open = useStep();
  const { selectedField } = useDraft();
  const [chosen, setChosen] = useState<Stage>(() => firstStage(open, [...open.problems.keys()]));
  const [shownField, setShownField] = useState<string | null>(null);
  const stages = stagesOf(open);
  // What was chosen last may have taken a stage away.
  const stage = stages.includes(chosen) ? chosen : (stages.at(-1) ?? 'component');

  if (selectedField !== shownField) {
    setShownField(selectedField);
    if (selectedField !== null) setChosen(stageOfField(selectedField));
  }
  useEffect(() => {
    if (selectedField === null) return undefined;
    // Editors and lists come a moment after their stage.
    const timer = setTimeout(() => focusField(frame.current, selectedField), 60);
    return () => clearTimeout(timer);
  }, [selectedField, frame]);

  const moved = useRef(false);
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    const head = frame.current?.querySelector<HTMLElement>(`[data-stage="${stage}"]`);
    head?.scrollIntoView({ block: 'nearest' });
    // Each stage puts the focus where its work begins; without such a place it goes to the heading.
    if (!head?.parentElement?.contains(document.activeElement)) head?.focus({ preventScroll: true });
  }, [stage, frame]);

  const go = (to: Stage): void => {
    moved.current = true;
    setChosen(to);
  };
  // What was just changed is known only to the next render, so where to go is worked out there.
  const [leaving, setLeaving] = useState<Stage | null>(null);
  if (leaving !== null) {
    setLeaving(null);
    setChosen(nextStage(leaving, open));
  }
  return {
    stage,
    go,
    next: () => {
      moved.current = true;
      setLeaving(stage);
    },
    back: () => {
      const before = previousStage(stage, open);
      if (before) go(before);
    },
  };
}

/** Puts the focus on a field by its pointer, or on the nearest one around it. */
function focusField(frame: HTMLElement | null, field: string): void {
  for (let pointer = field; pointer !== ''; pointer = pointer.slice(0, pointer.lastIndexOf('/'))) {
    const place = [...(frame?.querySelectorAll<HTMLElement>('[data-pointer]') ?? [])].find(
      (element) => element.dataset['pointer'] === pointer,
    );
    if (!place) continue;
    const control = 'input, textarea, select, [contenteditable="true"], button';
    const target = place.matches(control) ? place : (place.querySelector<HTMLElement>(control) ?? place);
    target.focus();
    target.scrollIntoView({ block: 'center' });
    return;
  }
}
