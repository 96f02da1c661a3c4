import type { FlowVersionId, Json, JsonObject, StepId, WorkspaceId } from '@millrace/contracts';
import { marksSecrets, maskSecrets } from '@millrace/credentials';
import type { DraftStep } from '@millrace/flow-model';
import { componentRepository, flowVersionRepository, type Database } from '@millrace/persistence';
import { createReadThroughCache } from '@millrace/platform';

/** Hides what the descriptor of a step's operation marks secret. */
export interface StepMask {
  input(value: Json): Json;
  output(value: Json): Json;
  /** Whether anything is marked at all; where nothing is, a value need not be read to be shown. */
  hides: { input: boolean; output: boolean };
}

/** What of a step says which operation it uses. */
type ChosenOperation = Pick<DraftStep, 'component' | 'operation'>;

/** Finds the masks of steps. */
export interface StepMasks {
  /** Of the given versions; a step that is unknown, or of a component that is, hides nothing. */
  find(
    workspaceId: WorkspaceId,
    versionIds: readonly FlowVersionId[],
  ): Promise<(versionId: FlowVersionId, stepId: StepId) => StepMask>;
  /** Of one step of a version; `undefined` when there is no such step: what it would mark nobody can tell. */
  ofKnown(workspaceId: WorkspaceId, versionId: FlowVersionId, stepId: StepId): Promise<StepMask | undefined>;
  /** Of steps that are of no version, such as those of a draft; one whose operation is unknown hides nothing. */
  ofDraft(): Promise<(step: ChosenOperation | undefined) => StepMask>;
}

/** The schemas of an operation that mark secrets. */
interface SecretSchemas {
  input: JsonObject | undefined;
  output: JsonObject | undefined;
}

const keptVersions = 2_000;
/** A component that announces itself anew is asked for again after this. */
const descriptorsAreUsedForMs = 10_000;

const nothing: StepMask = maskOf({ input: undefined, output: undefined });

/** Masks by the present descriptors of the catalogue, which are kept for some seconds. Versions never change. */
export function cachedStepMasks(database: Database): StepMasks {
  const { manager } = database.dataSource;
  const catalogue = createReadThroughCache<'all', ReadonlyMap<string, StepMask>>({
    max: 1,
    freshForMs: descriptorsAreUsedForMs,
    async read() {
      const masks = new Map<string, StepMask>();
      for (const { name, descriptor } of await componentRepository(manager).list()) {
        for (const operation of descriptor.operations) {
          const { input, output } = operation;
          const secrets = { input: secretSchema(input), output: secretSchema(output) };
          if (secrets.input ?? secrets.output) masks.set(operationKey(name, operation.name), maskOf(secrets));
        }
      }
      return masks;
    },
  });
  const versions = createReadThroughCache<string, ReadonlyMap<string, string>>({
    max: keptVersions,
    freshForMs: 3_600_000,
    async read(key) {
      const [workspaceId, id] = key.split(' ') as [WorkspaceId, FlowVersionId];
      const version = await flowVersionRepository(manager).find(workspaceId, id);
      const steps = version?.definition.steps ?? [];
      return new Map(steps.map((step) => [step.id, keyOf(step)]));
    },
  });

  return {
    async find(workspaceId, versionIds) {
      const masks = await catalogue.find('all');
      // As long as no component marks anything, no version is read.
      if (masks.size === 0) return () => nothing;
      const operations = new Map<FlowVersionId, ReadonlyMap<string, string>>();
      for (const id of new Set(versionIds)) operations.set(id, await versions.find(`${workspaceId} ${id}`));
      return (versionId, stepId) => masks.get(operations.get(versionId)?.get(stepId) ?? '') ?? nothing;
    },

    async ofKnown(workspaceId, versionId, stepId) {
      const operation = (await versions.find(`${workspaceId} ${versionId}`)).get(stepId);
      return operation === undefined ? undefined : ((await catalogue.find('all')).get(operation) ?? nothing);
    },

    async ofDraft() {
      const masks = await catalogue.find('all');
      return (step) => (step && masks.get(keyOf(step))) ?? nothing;
    },
  };
}

function keyOf({ component, operation }: ChosenOperation): string {
  return operationKey(component ?? '', operation ?? '');
}

function operationKey(component: string, operation: string): string {
  return `${component} ${operation}`;
}

function secretSchema(schema: JsonObject): JsonObject | undefined {
  return marksSecrets(schema) ? schema : undefined;
}

function maskOf({ input, output }: SecretSchemas): StepMask {
  return {
    input: (value) => (input ? maskSecrets(input, value) : value),
    output: (value) => (output ? maskSecrets(output, value) : value),
    hides: { input: input !== undefined, output: output !== undefined },
  };
}
