import type { ComponentDescriptor } from '@millrace/contracts';
import { In, type EntityManager } from 'typeorm';
import { ComponentEntity } from '../entities/component.entity.js';

/** The catalogue. It is the same for every workspace, so its functions take none. */
export function componentRepository(manager: EntityManager): {
  /** Keeps what a component says of itself and when it was heard last. Safe to repeat. */
  announce(descriptor: ComponentDescriptor): Promise<void>;
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
    list: () => manager.find(ComponentEntity, { order: { name: 'asc' } }),
    find: (name) => manager.findOneBy(ComponentEntity, { name }),
    findAll: (names) => manager.findBy(ComponentEntity, { name: In(names) }),
  };
}
