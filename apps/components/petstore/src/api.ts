import { secret, TerminalError, type Http, type OfferedOption } from '@millrace/component-sdk';
import { z } from 'zod';

export const settings = z.object({
  PETSTORE_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('address of the Petstore API, such as http://127.0.0.1:3002/petstore/v2'),
});

export const credential = z.object({
  apiKey: secret().meta({ title: 'API key', placeholder: 'secret' }).describe('API key of the Petstore API'),
});

export const pet = z.object({
  id: z
    .number()
    .meta({ title: 'Number', examples: [1] })
    .describe('Number that the API gave the pet'),
  name: z
    .string()
    .meta({ title: 'Name', examples: ['Gromit'] })
    .describe('Name of the pet'),
  status: z
    .string()
    .meta({ title: 'Status', examples: ['available'] })
    .describe('Status of the pet'),
});

export type Pet = z.output<typeof pet>;

/** What every call of the API needs; the context of an operation, a sample or a list has it. */
export interface Caller {
  credential: z.output<typeof credential>;
  settings: z.output<typeof settings>;
  http: Http;
}

type Call = { method: 'GET' | 'POST' | 'PUT'; path: string } & Parameters<Http['request']>[2];

/** Calls the API and reads its answer. A refused key is a `TerminalError` in the API's own words. */
export async function callPetstore<Schema extends z.ZodType>(
  { credential, settings, http }: Caller,
  { method, path, accept = [], ...options }: Call,
  schema: Schema,
): Promise<z.output<Schema>> {
  const answer = await http.request(method, `${settings.PETSTORE_BASE_URL}${path}`, {
    ...options,
    headers: { 'api-key': credential.apiKey },
    accept: [401, 403, ...accept],
  });
  if (answer.status === 401 || answer.status === 403) {
    const reason = answer.reason ?? 'it gave no reason';
    throw new TerminalError(`Petstore refused the API key: ${reason}`, { code: 'credential_refused' });
  }
  return answer.json(schema);
}

/** The pets that have one of the statuses, in the order of their creation. */
export function findPets(caller: Caller, statuses: readonly string[]): Promise<Pet[]> {
  const query = { status: statuses.map((status) => status.toLowerCase()).join(',') };
  return callPetstore(caller, { method: 'GET', path: '/pet/findByStatus', query }, z.array(pet));
}

/** The statuses that the API knows. */
export function readStatuses(caller: Caller): Promise<string[]> {
  return callPetstore(caller, { method: 'GET', path: '/pet/statuses' }, z.array(z.string()));
}

/** The newest pet, of the given status if there is one; `undefined` while the API has none. */
export async function newestPet(caller: Caller, status?: string): Promise<Pet | undefined> {
  const statuses = await readStatuses(caller);
  const wanted = statuses.find((known) => known === status?.toLowerCase());
  const preferred = wanted === undefined ? undefined : (await findPets(caller, [wanted])).at(-1);
  return preferred ?? (await findPets(caller, statuses)).toSorted((one, other) => one.id - other.id).at(-1);
}

/** The statuses as values for a field. */
export async function statusOptions(caller: Caller): Promise<OfferedOption[]> {
  const statuses = await readStatuses(caller);
  return statuses.map((status) => ({ value: status, label: status.charAt(0).toUpperCase() + status.slice(1) }));
}
