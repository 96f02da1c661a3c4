import type { ComponentDescriptor } from '@millrace/contracts';
import { In, type EntityManager } from 'typeorm';
import { ComponentEntity } from '../entities/component.entity.js';

/** The catalogue. It is the same for every workspace, so its functions take none. */
export function componentRepository(manager: EntityManager): {
  /** Keeps what a component says of itself and when it was heard last. Safe to repeat. */
  announce(descriptor: ComponentDescriptor): Promise<void>;
  /** For how many milliseconds components have not been heard, by the clock of the database. */
  silences(names: string[]): Promise<Map<string, number>>;
  list(): Promise<ComponentEntity[]>;
  find(name: string): Promise<ComponentEntity | null>;
  findAll(names: string[]): Promise<ComponentEntity[]>;
} {
  return {
    async announce(descriptor) {
      await manager.query(
        `insert into component (name, version, descriptor) values ($1, $2, $3)
         on conflict (name) do update
         set version = excluded.version, descriptor = excluded.descriptor, last_seen_at = now()`,
        [descriptor.name, descriptor.version, JSON.stringify(descriptor)],
      );
    },
    async silences(names) {
      const rows = await manager.query<{ name: string; silentMs: number }[]>(
        `select name, (extract(epoch from now() - last_seen_at) * 1000)::float8 as "silentMs"
         from component where name = any($1)`,
        [names],
      );
      return new Map(rows.map(({ name, silentMs }) => [name, silentMs]));
    },
    list: () => manager.find(ComponentEntity, { order: { name: 'asc' } }),
    find: (name) => manager.findOneBy(ComponentEntity, { name }),
    findAll: (names) => manager.findBy(ComponentEntity, { name: In(names) }),
  };
}
