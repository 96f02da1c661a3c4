import { problemWords } from '../../../ui/problem-words.js';
import type { DraftState } from '../draft/draft-store.js';

/** What is said of the saving of the draft. */
export function saveWords({ saveState, saveProblem }: Pick<DraftState, 'saveState' | 'saveProblem'>): string {
  switch (saveState) {
    case 'saved':
      return 'Saved';
    case 'saving':
      return 'Saving…';
    case 'unsaved':
      return 'Not saved yet';
    case 'conflict':
      return 'Not saved: someone else changed the draft';
    case 'failed': {
      const [fault] = saveProblem?.problems ?? [];
      return `Not saved: ${fault?.message ?? problemWords(saveProblem).title}`;
    }
  }
}
