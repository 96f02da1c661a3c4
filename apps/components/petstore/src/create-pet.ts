import { action } from '@millrace/component-sdk';
import { z } from 'zod';
import { callPetstore, credential, newestPet, pet, settings, statusOptions, type Caller, type Pet } from './api.js';

const input = z.object({
  name: z.string().min(1).meta({ title: 'Name', placeholder: 'Gromit' }).describe('Name of the pet'),
  status: z
    .string()
    .min(1)
    .meta({ title: 'Status', placeholder: 'available', optionsFrom: 'statuses' })
    .describe('Status of the pet: available, pending or sold'),
});

/** The two actions do the same and differ in how their `run` is written. */
const common = {
  credential,
  settings,
  input,
  output: pet,
  idempotency: 'none',
  options: { statuses: statusOptions },
} as const;

function post(caller: Caller, { name, status }: z.output<typeof input>): Promise<Pet> {
  return callPetstore(caller, { method: 'POST', path: '/pet', json: { name, status: status.toLowerCase() } }, pet);
}

/** A pet that is there, creating none; while there is none, one as the API would answer. */
async function sampleOf(caller: Caller, { name = 'Gromit', status = 'available' }: Partial<Pet>): Promise<Pet> {
  return (await newestPet(caller, status)) ?? { id: 1, name, status: status.toLowerCase() };
}

/** In the style of promises: what `run` resolves is the one output. */
export const createPet = action({
  ...common,
  title: 'Create a pet with promise',
  description: 'Stores a pet in the Petstore API. Its code returns a promise.',
  sample: (context) => sampleOf(context, context.input),
  run: (context) => post(context, context.input),
});

/** In the style of generators: each value that `run` yields is an output. */
export const createPetWithGenerator = action({
  ...common,
  title: 'Create a pet with generator',
  description: 'Stores a pet in the Petstore API. Its code is an async generator.',
  sample: (context) => sampleOf(context, context.input),
  async *run(context) {
    yield await post(context, context.input);
  },
});
