import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { pointerToken } from '@millrace/mapping';
import type { DraftStep, Edge, FlowDraft } from './draft.js';

/** What differs between two definitions of a flow, each of which may be a draft or a version. */
export interface FlowDifference {
  steps: StepDifference[];
  edges: EdgeDifference[];
  /** Whatever else a definition holds besides steps and edges. */
  fields: FieldDifference[];
}

export interface StepDifference {
  id: string;
  change: 'added' | 'removed' | 'changed';
  /** Of a step that is in both: what differs in it. */
  fields: FieldDifference[];
}

export interface EdgeDifference {
  from: string;
  to: string;
  change: 'added' | 'removed' | 'changed';
  fields: FieldDifference[];
}

/** One place that differs. A side on which there is nothing has no member. */
export interface FieldDifference {
  /** JSON pointer within the step, edge or definition (RFC 6901). */
  pointer: string;
  before?: Json;
  after?: Json;
}

/**
 * What changes from `before` to `after`. Steps are matched by id and edges by their ends, so a step that only stands elsewhere
 * in the list has not changed. Objects are compared member by member, arrays as a whole; a `null` is a value, a missing
 * member none. Empty lists: the two are the same.
 */
export function differenceOf(before: FlowDraft, after: FlowDraft): FlowDifference {
  const { steps: stepsBefore, edges: edgesBefore, ...restBefore } = before;
  const { steps: stepsAfter, edges: edgesAfter, ...restAfter } = after;
  return {
    steps: changes(stepsBefore, stepsAfter, ({ id }) => id).map(({ item, ...rest }) => ({ id: item.id, ...rest })),
    edges: changes(edgesBefore, edgesAfter, edgeKey).map(({ item, ...rest }) => {
      return { from: item.from, to: item.to, ...rest };
    }),
    fields: fieldDifferences(jsonOf(restBefore), jsonOf(restAfter), ''),
  };
}

interface Change<Item> {
  item: Item;
  change: 'added' | 'removed' | 'changed';
  fields: FieldDifference[];
}

/** In the order of `after`, with what was removed at the end. */
function changes<Item extends DraftStep | Edge>(
  before: Item[],
  after: Item[],
  keyOf: (item: Item) => string,
): Change<Item>[] {
  const earlier = new Map(before.map((item) => [keyOf(item), item]));
  const found = after.flatMap((item): Change<Item>[] => {
    const old = earlier.get(keyOf(item));
    earlier.delete(keyOf(item));
    if (!old) return [{ item, change: 'added', fields: [] }];
    const fields = fieldDifferences(jsonOf(old), jsonOf(item), '');
    return fields.length === 0 ? [] : [{ item, change: 'changed', fields }];
  });
  return [...found, ...Array.from(earlier.values(), (item) => ({ item, change: 'removed' as const, fields: [] }))];
}

function edgeKey({ from, to }: Edge): string {
  return `${from} ${to}`;
}

function fieldDifferences(before: Json | undefined, after: Json | undefined, pointer: string): FieldDifference[] {
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => {
      return fieldDifferences(own(before, name), own(after, name), `${pointer}/${pointerToken(name)}`);
    });
  }
  if (isSame(before, after)) return [];
  return [{ pointer, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => isSame(item, other[at]));
  }
  if (isJsonObject(one) && isJsonObject(other)) return fieldDifferences(one, other, '').length === 0;
  return one === other;
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Steps and edges are JSON with optional members. */
function jsonOf(value: object): JsonObject {
  return value as JsonObject;
}
