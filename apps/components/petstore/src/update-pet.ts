import { action, TerminalError } from '@millrace/component-sdk';
import { z } from 'zod';
import {
  callPetstore,
  credential,
  findPets,
  newestPet,
  pet,
  readStatuses,
  settings,
  statusOptions,
  type Caller,
} from './api.js';

/** The newest ones: whoever wants an older one maps its number. */
const maxOfferedPets = 500;

async function petOptions(caller: Caller): Promise<{ value: number; label: string }[]> {
  const pets = await findPets(caller, await readStatuses(caller));
  const newestFirst = pets.toSorted((one, other) => other.id - one.id).slice(0, maxOfferedPets);
  return newestFirst.map(({ id, name, status }) => ({ value: id, label: `${name} (${id}, ${status})` }));
}

export const updatePet = action({
  title: 'Update a pet',
  description: 'Changes name, status or both of a pet; what is left out stays as it is.',
  credential,
  settings,
  input: z
    .object({
      id: z
        .number()
        .int()
        .positive()
        .meta({ title: 'Number', optionsFrom: 'pets', order: 1 })
        .describe('Number of the pet to change'),
      name: z.string().min(1).optional().meta({ title: 'Name' }).describe('New name of the pet'),
      status: z
        .string()
        .min(1)
        .optional()
        .meta({ title: 'Status', optionsFrom: 'statuses' })
        .describe('New status of the pet: available, pending or sold'),
    })
    .refine(({ name, status }) => name !== undefined || status !== undefined, 'must have a name or a status to change'),
  output: pet,
  idempotency: 'natural',
  options: { statuses: statusOptions, pets: petOptions },
  sample: (caller) => newestPet(caller),
  run: async (context) => {
    const { id, name, status } = context.input;
    const unknown = z.object({ message: z.string() });
    const before = await callPetstore(
      context,
      { method: 'GET', path: `/pet/${id}`, accept: [404] },
      z.union([pet, unknown]),
    );
    if (!('id' in before)) {
      throw new TerminalError(`Petstore has no pet ${id}: choose another one`, { code: 'pet_unknown', detail: { id } });
    }
    const json = { id, name: name ?? before.name, status: status?.toLowerCase() ?? before.status };
    return callPetstore(context, { method: 'PUT', path: '/pet', json }, pet);
  },
});
