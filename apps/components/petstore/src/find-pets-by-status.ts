import { action } from '@millrace/component-sdk';
import { z } from 'zod';
import { credential, findPets, pet, settings, statusOptions } from './api.js';

export const findPetsByStatus = action({
  title: 'Find pets by status',
  description: 'Reads all pets that have a status, as one list.',
  credential,
  settings,
  input: z.object({
    status: z
      .string()
      .min(1)
      .meta({ title: 'Status', placeholder: 'available', optionsFrom: 'statuses' })
      .describe('Status of the pets to find; several are separated by commas'),
  }),
  output: z.object({
    count: z
      .number()
      .int()
      .meta({ title: 'Count', examples: [1] })
      .describe('How many pets there are'),
    pets: z.array(pet).meta({ title: 'Pets' }).describe('The pets, in the order of their creation'),
  }),
  idempotency: 'natural',
  options: { statuses: statusOptions },
  // A few pets show what a list has; a large one would not fit into a sample.
  sample: async (context) => {
    const pets = await findPets(context, [context.input.status ?? 'available']);
    return { count: pets.length, pets: pets.slice(0, 3) };
  },
  run: async (context) => {
    const statuses = context.input.status.split(',').map((status) => status.trim());
    const pets = await findPets(context, statuses);
    return { count: pets.length, pets };
  },
});
