import { trigger } from '@millrace/component-sdk';
import { z } from 'zod';
import { credential, findPets, newestPet, pet, settings } from './api.js';
import { readIds, writeIds } from './seen-pets.js';

/** The others come with the next polls. */
const maxPetsPerPoll = 1_000;

export const getPetsByStatus = trigger.polling({
  title: 'Get pets by status',
  description: 'Emits each pet once that has one of the statuses, beginning with those that are there.',
  credential,
  settings,
  config: z.object({
    statuses: z
      .array(z.enum(['available', 'pending', 'sold']))
      .min(1)
      .default(['available'])
      .meta({ title: 'Statuses' })
      .describe('Statuses of the pets to emit'),
  }),
  output: pet,
  // Pets that have left the statuses are forgotten: one that comes back is new.
  snapshot: z.object({ seen: z.string() }),
  sample: async (context) =>
    (await findPets(context, context.config.statuses ?? ['available'])).at(-1) ?? newestPet(context),
  async *run(context) {
    const { config, snapshot, saveSnapshot } = context;
    const isSeen = readIds(snapshot?.seen ?? '');
    const pets = await findPets(context, config.statuses);
    const fresh = pets.filter(({ id }) => !isSeen(id)).slice(0, maxPetsPerPoll);
    yield* fresh;
    const seen = [...pets.filter(({ id }) => isSeen(id)), ...fresh];
    saveSnapshot({ seen: writeIds(seen.map(({ id }) => id)) });
  },
});
