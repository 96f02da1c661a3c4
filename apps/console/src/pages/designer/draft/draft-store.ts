import type { FlowDraft } from '@millrace/flow-model';
import type { ApiProblem } from '../../../api/api-problem.js';
import { createAutosave, type SaveOutcome, type SaveState, type ServerDraft } from './autosave.js';
import { isSameJson } from './changed-places.js';
import { changeStep, type StepChange } from './edits.js';
import { historyOf, record, redo, undo, type DraftHistory } from './history.js';
import { placeProblems, type PlacedProblem } from './placed-problems.js';
import { createStepIds, idsOf } from './step-ids.js';
import type { UnsavedDraft } from './unsaved-draft.js';

/** Two drafts that were made of the same one; `base` is missing where it was not kept. */
export interface DraftConflict {
  base: FlowDraft | undefined;
  theirs: ServerDraft;
}

/** What the designer shows of the draft; a new object after every change. */
export interface DraftState {
  draft: FlowDraft;
  /** Of the draft as it was saved last. */
  problems: readonly PlacedProblem[];
  saveState: SaveState;
  /** Why the last save failed. */
  saveProblem: ApiProblem | undefined;
  conflict: DraftConflict | undefined;
  /** The revision that was read or saved last. */
  revision: number;
  canUndo: boolean;
  canRedo: boolean;
}

export type DraftEdit = (draft: FlowDraft, newId: () => string) => FlowDraft;

export interface DraftStoreDeps {
  /** Saves if the draft of the control plane still has this revision. Does not throw. */
  save: (draft: FlowDraft, revision: number) => Promise<SaveOutcome>;
  /** Keeps what is unsaved past a reload of the page; `undefined` when nothing is any more. */
  keep: (unsaved: UnsavedDraft | undefined) => void;
  nowMs: () => number;
}

export interface DraftStore {
  getState: () => DraftState;
  /** Begins to save, and to keep what is unsaved; what was restored is saved first. Safe to repeat, and after `close`. */
  begin: () => void;
  subscribe: (listener: () => void) => () => void;
  edit: (edit: DraftEdit) => void;
  editStep: (stepId: string, change: StepChange) => void;
  undo: () => void;
  redo: () => void;
  /** Resolves whether everything is saved. */
  saveNow: () => Promise<boolean>;
  /** Notes ids of steps that are known from elsewhere, so that new steps do not get them. */
  noteIds: (ids: Iterable<string>) => void;
  /** Takes what someone else saved, when nothing of one's own is unsaved. Returns whether the draft is another one now. */
  follow: (server: ServerDraft) => boolean;
  /** Takes a draft of the control plane in place of the present one, which `undo` brings back. */
  replace: (server: ServerDraft) => void;
  /** Ends a conflict. The draft that is not taken is one `undo` away. */
  resolve: (choice: 'theirs' | 'mine') => void;
  /** Tries no more by itself. */
  close: () => void;
}

/** The draft of one open designer: its history, what is saved of it, and its conflicts. */
export function createDraftStore(deps: DraftStoreDeps, server: ServerDraft, unsaved?: UnsavedDraft): DraftStore {
  const listeners = new Set<() => void>();
  const ids = createStepIds();
  let base: FlowDraft | undefined = server.draft;
  let baseRevision = server.revision;
  let problems = placeProblems(server.draft, server.problems);
  let conflict: DraftConflict | undefined;
  let history: DraftHistory = historyOf(server.draft);
  let state: DraftState;
  let begun = false;

  const autosave = createAutosave(
    {
      save: deps.save,
      onChange: (outcome) => {
        if (outcome?.outcome === 'saved') landed(outcome.saved);
        if (outcome?.outcome === 'conflict') conflict = { base, theirs: outcome.theirs };
        publish();
      },
    },
    server.revision,
  );

  function landed(saved: ServerDraft): void {
    base = saved.draft;
    baseRevision = saved.revision;
    problems = placeProblems(saved.draft, saved.problems);
    ids.note(idsOf(saved.draft));
  }

  function publish(): void {
    const saveState = conflict ? 'conflict' : autosave.state;
    state = {
      draft: history.present,
      problems,
      saveState,
      saveProblem: autosave.problem,
      conflict,
      revision: autosave.revision,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
    };
    const unsaved = { draft: history.present, baseRevision, ...(base && { base }) };
    if (begun) deps.keep(saveState === 'saved' ? undefined : unsaved);
    for (const listener of listeners) listener();
  }

  function go(next: DraftHistory): void {
    if (next === history) return;
    history = next;
    ids.note(idsOf(next.present));
    // Which of two drafts is to stay is for a person to say.
    if (conflict) publish();
    else autosave.change(next.present);
  }

  const edit = (change: DraftEdit): void => go(record(history, change(history.present, ids.take), deps.nowMs()));

  ids.note(idsOf(server.draft));
  if (unsaved) ids.note(idsOf(unsaved.draft));
  if (unsaved && !isSameJson(unsaved.draft, server.draft)) {
    history = record(history, unsaved.draft, deps.nowMs());
    if (unsaved.baseRevision !== server.revision) {
      base = unsaved.base;
      baseRevision = unsaved.baseRevision;
      conflict = { base, theirs: server };
    }
  }
  publish();

  return {
    getState: () => state,
    begin: () => {
      autosave.open();
      if (begun) return;
      begun = true;
      if (!conflict && history.present !== server.draft) autosave.change(history.present);
      else publish();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    edit,
    editStep: (stepId, change) => edit((draft) => changeStep(draft, stepId, change)),
    undo: () => go(undo(history)),
    redo: () => go(redo(history)),
    saveNow: () => (conflict ? Promise.resolve(false) : autosave.saveNow()),
    noteIds: (noted) => ids.note(noted),
    follow: (theirs) => {
      if (conflict || autosave.state !== 'saved' || theirs.revision <= autosave.revision) {
        if (theirs.revision === autosave.revision && autosave.state === 'saved') {
          problems = placeProblems(theirs.draft, theirs.problems);
          publish();
        }
        return false;
      }
      landed(theirs);
      const changed = !isSameJson(theirs.draft, history.present);
      // Steps back from here would undo what someone else did.
      if (changed) history = historyOf(theirs.draft);
      autosave.adopt(theirs.revision);
      return changed;
    },
    replace: (theirs) => {
      landed(theirs);
      conflict = undefined;
      history = record(history, theirs.draft, deps.nowMs());
      autosave.adopt(theirs.revision);
    },
    resolve: (choice) => {
      if (!conflict) return;
      const { theirs } = conflict;
      const mine = history.present;
      conflict = undefined;
      landed(theirs);
      const [other, taken] = choice === 'theirs' ? [mine, theirs.draft] : [theirs.draft, mine];
      history = record(historyOf(other), taken, deps.nowMs());
      if (choice === 'theirs') autosave.adopt(theirs.revision);
      else autosave.overwrite(theirs.revision, mine);
    },
    close: () => autosave.close(),
  };
}
