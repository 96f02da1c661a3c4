import { createContext, useContext, type KeyboardEvent, type RefObject } from 'react';
import type { StepActions } from '../steps/use-step-actions.js';

/** What nodes and edges of the canvas act with; the same object for as long as the canvas is there. */
export interface CanvasContextValue {
  actions: StepActions;
  /** The step whose node is to take the focus as soon as it is drawn. */
  wantedFocus: RefObject<string | null>;
  activate: (stepId: string) => void;
  /** Opens the panel; `byKeyboard` takes the focus there. */
  open: (stepId: string, byKeyboard: boolean) => void;
  openCondition: (stepId: string) => void;
  /** Keys that are pressed on a step. */
  onKeyDown: (event: KeyboardEvent, stepId: string) => void;
}

export const CanvasContext = createContext<CanvasContextValue | null>(null);

/** @throws Error outside of the canvas. */
export function useCanvas(): CanvasContextValue {
  const canvas = useContext(CanvasContext);
  if (!canvas) throw new Error('This belongs into the canvas');
  return canvas;
}
