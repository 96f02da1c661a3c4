import { readTree, type FlowDraft } from '@millrace/flow-model';
import type { Place } from './layout.js';

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home';

/**
 * The step that an arrow key leads to: up to the one before, down to the middle one of those after, left and right to the
 * next one at the same height. Where there is none, the same step.
 */
export function neighbourOf(
  draft: FlowDraft,
  places: ReadonlyMap<string, Place>,
  from: { stepId: string; arrow: Arrow },
): string {
  const { stepId, arrow } = from;
  const { tree } = readTree(draft);
  const here = places.get(stepId);
  switch (arrow) {
    case 'Home':
      return draft.steps[0]?.id ?? stepId;
    case 'ArrowUp':
      return tree.edgeTo(stepId)?.from ?? stepId;
    case 'ArrowDown': {
      const below = tree.childrenOf(stepId);
      return below[Math.floor((below.length - 1) / 2)] ?? stepId;
    }
    case 'ArrowLeft':
    case 'ArrowRight': {
      if (!here) return stepId;
      const sign = arrow === 'ArrowLeft' ? -1 : 1;
      let [found, nearest] = [stepId, Infinity];
      for (const [id, { x, y }] of places) {
        const distance = (x - here.x) * sign;
        if (y === here.y && distance > 0 && distance < nearest) [found, nearest] = [id, distance];
      }
      return found;
    }
  }
}

export function isArrow(key: string): key is Arrow {
  return ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home'].includes(key);
}
