import type { FlowId, WorkspaceId } from '@millrace/contracts';
import { differenceOf, type FlowDraft } from '@millrace/flow-model';
import {
  findUser,
  flowRepository,
  noteAct,
  noteRepeatedAct,
  type Actor,
  type DraftSaved,
  type FieldChange,
  type FlowRow,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { draftProblems } from './draft-problems.js';
import type { SavedDraft } from './schemas.js';

export interface DraftSave {
  flowId: FlowId;
  draft: FlowDraft;
  /** The revision that the user knows; without it the draft is saved whatever it is. */
  expectedRevision: number | undefined;
  /** The version that it was taken from, where one is restored. */
  restored?: number;
}

/** Saves the draft of a flow. Saves of one user within ten minutes are one entry in the audit, a restored version is one. */
export async function saveDraft(
  { database }: Pick<ApiDeps, 'database'>,
  actor: Actor,
  { flowId, draft, expectedRevision, restored }: DraftSave,
): Promise<DraftSaved> {
  return database.dataSource.transaction(async (manager): Promise<DraftSaved> => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(actor.workspaceId, flowId);
    if (!flow) return { outcome: 'missing' };
    const saved = await flows.saveDraft(actor.workspaceId, flowId, {
      draft,
      expectedRevision,
      savedBy: actor.userId,
    });
    if (saved.outcome !== 'saved') return saved;
    const changes = [
      { field: 'draftRevision', before: flow.draftRevision, after: saved.revision },
      ...draftChanges(flow.draft, draft),
    ];
    const entity = { entityId: flowId, entityName: flow.name };
    if (restored === undefined) {
      await noteRepeatedAct(manager, actor, { action: 'flow.draft_saved', ...entity, changes, join: joinChanges });
    } else {
      const version = { field: 'version', after: restored };
      await noteAct(manager, actor, { action: 'flow.version_restored', ...entity, changes: [version, ...changes] });
    }
    return saved;
  });
}

/** A draft as it is answered: with what keeps it from being published, and who saved it. */
export async function savedDraftView(
  { database }: Pick<ApiDeps, 'database'>,
  workspaceId: WorkspaceId,
  {
    draft,
    draftRevision,
    draftSavedBy,
    draftSavedAt,
  }: Pick<FlowRow, 'draft' | 'draftRevision' | 'draftSavedBy' | 'draftSavedAt'>,
): Promise<SavedDraft> {
  const { manager } = database.dataSource;
  const user = draftSavedBy ? await findUser(manager, workspaceId, draftSavedBy) : undefined;
  return {
    draft,
    draftRevision,
    problems: await draftProblems(manager, workspaceId, draft),
    savedBy: user ? { id: user.id, name: user.name, email: user.email } : null,
    savedAt: draftSavedAt?.toISOString() ?? null,
  };
}

const maxChanges = 100;

/**
 * Where two drafts differ, as JSON pointers with steps by their ids. Of a step that came or went it says what it does, as
 * `component.operation`; other values stay out: people write what is secret into the configuration of a step, too.
 */
export function draftChanges(before: FlowDraft, after: FlowDraft): FieldChange[] {
  const { steps, edges, fields } = differenceOf(before, after);
  const operations = new Map(
    [...before.steps, ...after.steps].map(({ id, component, operation }) => [
      id,
      [component, operation].filter(Boolean).join('.') || 'nothing chosen',
    ]),
  );
  const found: FieldChange[] = [
    ...steps.flatMap(({ id, change, fields: places }): FieldChange[] => {
      const field = `/steps/${id}`;
      if (change === 'added') return [{ field, after: operations.get(id) ?? '' }];
      if (change === 'removed') return [{ field, before: operations.get(id) ?? '' }];
      return places.map(({ pointer }) => ({ field: field + pointer }));
    }),
    ...edges.map(({ from, to }) => ({ field: `/edges/${from}-${to}` })),
    ...fields.map(({ pointer }) => ({ field: pointer })),
  ];
  return bounded(found);
}

/** What two saves have changed together. */
export function joinChanges(earlier: FieldChange[], later: FieldChange[]): FieldChange[] {
  const joined = new Map(earlier.map((change) => [change.field, change]));
  for (const { field, before, after } of later) {
    const first = joined.get(field);
    const from = first ? first.before : before;
    joined.set(field, { field, ...(from !== undefined && { before: from }), ...(after !== undefined && { after }) });
  }
  return bounded([...joined.values()]);
}

/** Entries are read many at a time: a hundred places say that nearly everything is new. */
function bounded(changes: FieldChange[]): FieldChange[] {
  return changes.slice(0, maxChanges);
}
