import { stepQueue } from '@millrace/contracts';
import { componentRepository, type ComponentEntity } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';

/** Steps of an away component wait in its queue until one of its processes is back. */
export type ComponentStatus = 'available' | 'away';

/** Three announcements: one may be lost, and one be late. */
const silentAfterMs = 90_000;

/**
 * Whether components take steps at this moment: their queue has a consumer. The broker knows of one that was stopped or killed
 * at once, of one that hangs or was cut off when its heartbeats stay away (20 to 30 s); a process that drains says
 * goodbye by giving its consumer up, and the last one leaves none. One that consumes and has not announced itself for 90 s
 * is away, too. While the broker cannot be asked the announcements alone decide.
 */
export async function statusesOf(
  deps: Pick<ApiDeps, 'database' | 'consumerCount'>,
  components: readonly Pick<ComponentEntity, 'name'>[],
): Promise<Map<string, ComponentStatus>> {
  const names = components.map(({ name }) => name);
  const silences = await componentRepository(deps.database.dataSource.manager).silences(names);
  const statuses = await Promise.all(
    names.map(async (name) => {
      const consumers = await deps.consumerCount(stepQueue(name));
      const heard = (silences.get(name) ?? Infinity) < silentAfterMs;
      return [name, heard && consumers !== 0 ? 'available' : 'away'] as const;
    }),
  );
  return new Map(statuses);
}
