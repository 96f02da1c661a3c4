import type { FlowDraft } from '@millrace/flow-model';
import type { ApiProblem } from '../../../api/api-problem.js';
import type { DraftProblem, SavedDraft } from '../../../api/schema.generated.js';

/** The draft as the control plane has it. */
export interface ServerDraft {
  draft: FlowDraft;
  revision: number;
  problems: readonly DraftProblem[];
  /** Who saved it, and when; nobody when that was never done, or the user is gone. */
  savedBy: SavedDraft['savedBy'];
  savedAt: string | null;
}

export type SaveOutcome =
  | { outcome: 'saved'; saved: ServerDraft }
  /** Someone else saved meanwhile; this is theirs. */
  | { outcome: 'conflict'; theirs: ServerDraft }
  | { outcome: 'failed'; problem: ApiProblem };

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'conflict' | 'failed';

export interface AutosaveDeps {
  /** Saves if the draft of the control plane still has this revision. Does not throw. */
  save: (draft: FlowDraft, revision: number) => Promise<SaveOutcome>;
  /** After every change of the state; with what came of a save. */
  onChange: (outcome?: SaveOutcome) => void;
}

export interface Autosave {
  readonly state: SaveState;
  /** Why the last save failed. */
  readonly problem: ApiProblem | undefined;
  readonly revision: number;
  /** Notes a draft that has to be saved; while there is a conflict it waits. */
  change(draft: FlowDraft): void;
  /** Saves what is unsaved without a pause. Resolves whether everything is saved then. */
  saveNow(): Promise<boolean>;
  /** Goes on from a draft that the control plane has: nothing is unsaved. */
  adopt(revision: number): void;
  /** Goes on from another revision with a draft to be saved over it. */
  overwrite(revision: number, draft: FlowDraft): void;
  /** Saves by itself again after `close`. */
  open(): void;
  /** Saves nothing more by itself. */
  close(): void;
}

export const saveAfterMs = 600;
const firstRetryMs = 2_000;
const longestRetryMs = 30_000;

/**
 * Saves a draft as it changes, one save at a time.
 *
 *     saved ──change──▶ unsaved ──after a pause──▶ saving ──▶ saved, or unsaved again when it changed meanwhile
 *                          ▲                          ├─────▶ conflict ──adopt──▶ saved
 *                          │                          │           └──overwrite──▶ unsaved
 *                          └──change, retry, saveNow──└─────▶ failed
 *
 * A failure that may pass is tried again by itself with longer and longer pauses, any other with the next change.
 */
export function createAutosave({ save, onChange }: AutosaveDeps, firstRevision: number): Autosave {
  let state: SaveState = 'saved';
  let problem: ApiProblem | undefined;
  let revision = firstRevision;
  let waiting: FlowDraft | undefined;
  let flight: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let closed = false;

  const become = (next: SaveState, outcome?: SaveOutcome): void => {
    state = next;
    if (next !== 'failed') problem = undefined;
    if (!closed) onChange(outcome);
  };
  const later = (ms: number): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void fly(), ms);
  };

  async function fly(): Promise<void> {
    clearTimeout(timer);
    if (flight) return flight;
    if (waiting === undefined || state === 'conflict') return undefined;
    const sent = waiting;
    become('saving');
    flight = save(sent, revision).then((outcome) => {
      flight = undefined;
      land(sent, outcome);
      return undefined;
    });
    return flight;
  }

  function land(sent: FlowDraft, outcome: SaveOutcome): void {
    switch (outcome.outcome) {
      case 'saved':
        failures = 0;
        revision = outcome.saved.revision;
        if (waiting === sent) waiting = undefined;
        become(waiting === undefined ? 'saved' : 'unsaved', outcome);
        if (waiting !== undefined) later(saveAfterMs);
        return;
      case 'conflict':
        become('conflict', outcome);
        return;
      case 'failed':
        problem = outcome.problem;
        failures += 1;
        become('failed', outcome);
        if (outcome.problem.passes) later(Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs));
    }
  }

  return {
    get state() {
      return state;
    },
    get problem() {
      return problem;
    },
    get revision() {
      return revision;
    },
    change(draft) {
      waiting = draft;
      if (state === 'conflict') return;
      // Said also while a save is on its way: whoever shows the draft learns of the change by it.
      become(flight ? 'saving' : 'unsaved');
      later(saveAfterMs);
    },
    async saveNow() {
      await fly();
      // What was changed while a save was on its way needs one more.
      if (waiting !== undefined && state === 'unsaved') await fly();
      return waiting === undefined;
    },
    adopt(next) {
      clearTimeout(timer);
      waiting = undefined;
      revision = next;
      failures = 0;
      become('saved');
    },
    overwrite(next, draft) {
      revision = next;
      waiting = draft;
      become('unsaved');
      void fly();
    },
    open() {
      closed = false;
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
