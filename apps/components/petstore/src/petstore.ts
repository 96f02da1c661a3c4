import { action, defineComponent, secret, TerminalError, trigger } from '@millrace/component-sdk';
import { z } from 'zod';
import { readIds, writeIds } from './seen-pets.js';

const settings = z.object({
  PETSTORE_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('address of the Petstore API, such as http://127.0.0.1:3002/petstore/v2'),
});

const credential = z.object({ apiKey: secret().describe('API key of the Petstore API') });

const pet = z.object({
  id: z.number().describe('Number that the API gave the pet'),
  name: z.string().describe('Name of the pet'),
  status: z.string().describe('Status of the pet'),
});

const createPet = action({
  title: 'Create a pet',
  description: 'Stores a pet in the Petstore API.',
  credential,
  settings,
  input: z.object({
    name: z.string().min(1).describe('Name of the pet'),
    status: z.string().min(1).describe('Status of the pet: available, pending or sold'),
  }),
  output: pet,
  idempotency: 'none',
  run: async ({ input, credential, settings, http }) => {
    const answer = await http.post(`${settings.PETSTORE_BASE_URL}/pet`, {
      headers: { 'api-key': credential.apiKey },
      json: { name: input.name, status: input.status.toLowerCase() },
      accept: [401, 403],
    });
    if (answer.status >= 400) throw keyRefused(answer.reason);
    return answer.json(pet);
  },
});

/** The others come with the next polls. */
const maxPetsPerPoll = 1_000;

const getPetsByStatus = trigger.polling({
  title: 'Get pets by status',
  description: 'Emits each pet once that has one of the statuses, beginning with those that are there.',
  credential,
  settings,
  config: z.object({
    statuses: z
      .array(z.enum(['available', 'pending', 'sold']))
      .min(1)
      .default(['available'])
      .describe('Statuses of the pets to emit'),
  }),
  output: pet,
  // Pets that have left the statuses are forgotten: one that comes back is new.
  snapshot: z.object({ seen: z.string() }),
  async *run({ config, credential, settings, snapshot, saveSnapshot, http }) {
    const answer = await http.get(`${settings.PETSTORE_BASE_URL}/pet/findByStatus`, {
      headers: { 'api-key': credential.apiKey },
      query: { status: config.statuses.join(',') },
      accept: [401, 403],
    });
    if (answer.status >= 400) throw keyRefused(answer.reason);
    const isSeen = readIds(snapshot?.seen ?? '');
    const pets = answer.json(z.array(pet));
    const fresh = pets.filter(({ id }) => !isSeen(id)).slice(0, maxPetsPerPoll);
    yield* fresh;
    const seen = [...pets.filter(({ id }) => isSeen(id)), ...fresh];
    saveSnapshot({ seen: writeIds(seen.map(({ id }) => id)) });
  },
});

function keyRefused(reason = 'it gave no reason'): TerminalError {
  return new TerminalError(`Petstore refused the API key: ${reason}`, { code: 'credential_refused' });
}

export const petstore = defineComponent({
  name: 'petstore',
  title: 'Petstore API',
  description: 'Keeps pets in a Petstore API.',
  version: '1.0.0',
  settings,
  credentials: {
    fields: credential,
    verify: async ({ credential, settings, http }) => {
      const answer = await http.get(`${settings.PETSTORE_BASE_URL}/user/me`, {
        headers: { 'api-key': credential.apiKey },
        accept: [401, 403],
      });
      if (answer.status >= 400) throw keyRefused(answer.reason);
    },
  },
  actions: { createPet },
  triggers: { getPetsByStatus },
});
