import type { FlowDraft } from '@millrace/flow-model';
import { describe, expect, it } from 'vitest';
import { changedPlaces, isSameJson } from './changed-places.js';
import { changeStep } from './edits.js';
import { historyOf, maxUndo, record, redo, typingPauseMs, undo } from './history.js';

const draft: FlowDraft = { steps: [{ id: 'step_1', name: '' }], edges: [] };
const named = (name: string): FlowDraft => changeStep(draft, 'step_1', { name });

describe('undo and redo', () => {
  it('go back and forth through the changes', () => {
    let history = record(record(historyOf(draft), named('a'), 0), named('b'), 10_000);
    history = undo(history);
    expect(history.present).toEqual(named('a'));
    history = undo(undo(history));
    expect(history.present).toEqual(draft);
    history = redo(redo(redo(history)));
    expect(history.present).toEqual(named('b'));
  });

  it('take typing at one place as one change, until a pause', () => {
    let history = historyOf(draft);
    ['P', 'Pe', 'Pet'].forEach((name, at) => {
      history = record(history, named(name), at * 200);
    });
    history = record(history, named('Pets'), 400 + typingPauseMs + 1);
    expect(undo(history).present).toEqual(named('Pet'));
    expect(undo(undo(history)).present).toEqual(draft);
  });

  it('take changes at two places as two', () => {
    const both = changeStep(named('Pet'), 'step_1', { note: 'n' });
    const history = record(record(historyOf(draft), named('Pet'), 0), both, 1);
    expect(undo(history).present).toEqual(named('Pet'));
  });

  it('forget what was undone once something else is done', () => {
    const history = record(undo(record(historyOf(draft), named('a'), 0)), named('b'), 1);
    expect(redo(history).present).toEqual(named('b'));
    expect(undo(history).present).toEqual(draft);
  });

  it('know nothing of a change that changes nothing, and keep a bounded number', () => {
    const history = historyOf(draft);
    expect(record(history, structuredClone(draft), 0)).toBe(history);
    let long = history;
    for (let at = 0; at < maxUndo + 50; at += 1) long = record(long, named(String(at)), at * 5_000);
    expect(long.past).toHaveLength(maxUndo);
  });
});

describe('the places of a change', () => {
  it('are pointers to what differs', () => {
    expect(changedPlaces(draft, named('x'))).toEqual(['/steps/0/name']);
    expect(changedPlaces({ 'a/b': { '~': 1 } }, { 'a/b': { '~': 2 } })).toEqual(['/a~1b/~0']);
  });

  it('are none where only a member is undefined', () => {
    expect(isSameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(isSameJson({ a: [1, 2] }, { a: [1] })).toBe(false);
    expect(isSameJson({ a: null }, {})).toBe(false);
  });
});
