import { z } from 'zod';

export const statuses = ['available', 'pending', 'sold'] as const;
export type PetStatus = (typeof statuses)[number];

export interface Pet {
  id: number;
  name: string;
  status: PetStatus;
}

/** A status in any case, as the API keeps it. */
export const statusSchema = z
  .string({ error: 'must be a text' })
  .transform((status) => status.toLowerCase())
  .pipe(z.enum(statuses, { error: `must be one of ${statuses.join(', ')}` }));

/** What it takes to create a pet. */
export const newPetSchema = z.object({
  name: z
    .string({ error: 'must be a text' })
    .trim()
    .min(1, 'must not be empty')
    .max(200, 'must have at most 200 characters'),
  status: statusSchema,
});

/** What it takes to change a pet: all of it, as it shall be. */
export const changedPetSchema = newPetSchema.extend({
  id: z.int({ error: 'must be a whole number' }).positive('must be positive'),
});

/** The pets in memory, in the order of their creation. All are kept until the process ends. */
export class Pets {
  private readonly byId = new Map<number, Pet>();

  get count(): number {
    return this.byId.size;
  }

  add(pet: Omit<Pet, 'id'>): Pet {
    const created = { id: this.byId.size + 1, ...pet };
    this.byId.set(created.id, created);
    return created;
  }

  /** `undefined` when there is no such pet. */
  change(pet: Pet): Pet | undefined {
    if (!this.byId.has(pet.id)) return undefined;
    this.byId.set(pet.id, pet);
    return pet;
  }

  /** How many pets have each of the statuses. */
  inventory(): Record<PetStatus, number> {
    const counts = { available: 0, pending: 0, sold: 0 };
    for (const { status } of this.byId.values()) counts[status] += 1;
    return counts;
  }

  find(id: number): Pet | undefined {
    return this.byId.get(id);
  }

  withStatus(wanted: ReadonlySet<PetStatus>): Pet[] {
    return [...this.byId.values()].filter(({ status }) => wanted.has(status));
  }

  /** The newest first. */
  newest(limit: number): Pet[] {
    const newest: Pet[] = [];
    for (let id = this.byId.size; id > 0 && newest.length < limit; id -= 1) {
      const pet = this.byId.get(id);
      if (pet) newest.push(pet);
    }
    return newest;
  }
}
