import type { FlowDraft } from '@millrace/flow-model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../../../api/api-problem.js';
import { saveAfterMs, type SaveOutcome, type ServerDraft } from './autosave.js';
import { createDraftStore, type DraftStore } from './draft-store.js';
import { addAfter } from './edits.js';
import type { UnsavedDraft } from './unsaved-draft.js';

const first: FlowDraft = { steps: [{ id: 'step_1', component: 'webhook' }], edges: [] };
const unknown = { savedBy: null, savedAt: null };
const away = new ApiProblem({ code: 'unreachable', title: 'away', status: 0 });

/** A control plane that holds one draft. */
function controlPlane(draft: FlowDraft = first) {
  const plane = {
    draft,
    revision: 1,
    saves: 0,
    fault: undefined as ApiProblem | undefined,
    held: undefined as Promise<void> | undefined,
    server: (): ServerDraft => ({ draft: plane.draft, revision: plane.revision, problems: [], ...unknown }),
    change: (next: FlowDraft) => {
      plane.draft = next;
      plane.revision += 1;
    },
    save: async (sent: FlowDraft, revision: number): Promise<SaveOutcome> => {
      plane.saves += 1;
      await plane.held;
      if (plane.fault) return { outcome: 'failed', problem: plane.fault };
      if (revision !== plane.revision) return { outcome: 'conflict', theirs: plane.server() };
      plane.change(sent);
      return { outcome: 'saved', saved: plane.server() };
    },
  };
  return plane;
}

let kept: UnsavedDraft | undefined;

function open(plane: ReturnType<typeof controlPlane>, unsaved?: UnsavedDraft): DraftStore {
  const deps = { save: plane.save, keep: (given: UnsavedDraft | undefined) => void (kept = given), nowMs: Date.now };
  const store = createDraftStore(deps, plane.server(), unsaved);
  store.begin();
  return store;
}

const rename = (store: DraftStore, name: string): void => store.editStep('step_1', { name });
const nameOf = (draft: FlowDraft): string | undefined => draft.steps[0]?.name;

beforeEach(() => {
  vi.useFakeTimers();
  kept = undefined;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a draft that is edited', () => {
  it('is saved once after a pause, whatever was typed before it', async () => {
    const plane = controlPlane();
    const store = open(plane);
    for (const name of ['P', 'Pe', 'Pet']) rename(store, name);
    expect(store.getState().saveState).toBe('unsaved');
    expect(kept?.draft).toEqual(store.getState().draft);
    await vi.advanceTimersByTimeAsync(saveAfterMs);
    expect([plane.saves, nameOf(plane.draft), store.getState().saveState]).toEqual([1, 'Pet', 'saved']);
    expect(kept).toBeUndefined();
  });

  it('is shown as it is typed, also while a save is on its way', async () => {
    const plane = controlPlane();
    const store = open(plane);
    plane.held = new Promise(() => {});
    rename(store, 'Pet');
    await vi.advanceTimersByTimeAsync(saveAfterMs);
    const told = vi.fn();
    store.subscribe(told);
    rename(store, 'Pets');
    expect([nameOf(store.getState().draft), store.getState().saveState]).toEqual(['Pets', 'saving']);
    expect(told).toHaveBeenCalled();
  });

  it('has one save on its way at a time, and saves again what changed meanwhile', async () => {
    const plane = controlPlane();
    let release = (): void => undefined;
    plane.held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store = open(plane);
    rename(store, 'a');
    await vi.advanceTimersByTimeAsync(saveAfterMs);
    rename(store, 'b');
    await vi.advanceTimersByTimeAsync(10 * saveAfterMs);
    expect([plane.saves, store.getState().saveState]).toEqual([1, 'saving']);
    release();
    await vi.advanceTimersByTimeAsync(saveAfterMs);
    expect([plane.saves, nameOf(plane.draft), store.getState().saveState]).toEqual([2, 'b', 'saved']);
  });

  it('is kept and tried again while the control plane is away', async () => {
    const plane = controlPlane();
    plane.fault = away;
    const store = open(plane);
    rename(store, 'a');
    await vi.advanceTimersByTimeAsync(saveAfterMs);
    expect([store.getState().saveState, store.getState().saveProblem]).toEqual(['failed', away]);
    expect(nameOf(kept?.draft ?? first)).toBe('a');
    plane.fault = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([nameOf(plane.draft), store.getState().saveState]).toEqual(['a', 'saved']);
  });

  it('never gives the id of a deleted step to another, nor one that has a sample', () => {
    const store = open(controlPlane());
    store.noteIds(['step_4']);
    const add = (): void => store.edit((draft, newId) => addAfter(draft, 'step_1', newId()));
    add();
    store.undo();
    add();
    expect(store.getState().draft.steps.map(({ id }) => id)).toEqual(['step_1', 'step_6']);
  });
});

describe('a draft of two people', () => {
  it('is not saved over what the other saved; theirs or mine is taken, and the other one is an undo away', async () => {
    for (const choice of ['theirs', 'mine'] as const) {
      const plane = controlPlane();
      const store = open(plane);
      plane.change({ steps: [{ id: 'step_1', name: 'theirs' }], edges: [] });
      rename(store, 'mine');
      await vi.advanceTimersByTimeAsync(saveAfterMs);
      expect([store.getState().saveState, nameOf(plane.draft)]).toEqual(['conflict', 'theirs']);
      expect(store.getState().conflict?.base).toEqual(first);
      store.resolve(choice);
      await vi.advanceTimersByTimeAsync(saveAfterMs);
      expect([nameOf(plane.draft), nameOf(store.getState().draft)]).toEqual([choice, choice]);
      expect(store.getState().saveState).toBe('saved');
      store.undo();
      expect(nameOf(store.getState().draft)).toBe(choice === 'mine' ? 'theirs' : 'mine');
    }
  });

  it('follows the other as long as nothing is unsaved', () => {
    const plane = controlPlane();
    const store = open(plane);
    plane.change({ steps: [{ id: 'step_1', name: 'theirs' }], edges: [] });
    expect(store.follow(plane.server())).toBe(true);
    expect(nameOf(store.getState().draft)).toBe('theirs');
    rename(store, 'mine');
    plane.change({ steps: [{ id: 'step_1', name: 'again' }], edges: [] });
    expect(store.follow(plane.server())).toBe(false);
    expect(nameOf(store.getState().draft)).toBe('mine');
  });
});

describe('a draft that was not saved when its page was left', () => {
  const mine: FlowDraft = { steps: [{ id: 'step_1', name: 'mine' }], edges: [] };

  it('is there again and is saved', async () => {
    const plane = controlPlane();
    const store = open(plane, { draft: mine, base: first, baseRevision: 1 });
    expect(nameOf(store.getState().draft)).toBe('mine');
    await vi.advanceTimersByTimeAsync(saveAfterMs);
    expect(nameOf(plane.draft)).toBe('mine');
  });

  it('asks which to take when someone else saved meanwhile, as often as the page is loaded and whatever is edited', async () => {
    const plane = controlPlane();
    plane.change({ steps: [{ id: 'step_1', name: 'theirs' }], edges: [] });
    let store = open(plane, { draft: mine, base: first, baseRevision: 1 });
    rename(store, 'mine too');
    store = open(plane, kept);
    await vi.advanceTimersByTimeAsync(10 * saveAfterMs);
    expect([store.getState().saveState, nameOf(plane.draft), plane.saves]).toEqual(['conflict', 'theirs', 0]);
    store.resolve('mine');
    await vi.advanceTimersByTimeAsync(saveAfterMs);
    expect(nameOf(plane.draft)).toBe('mine too');
  });
});
