import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, createCredential, signIn } from '@millrace/dev';
import type { Addressee } from './clients/clients.js';
import type { Ledger } from './clients/ledger.js';
import { kinds, plainKind, scheduledKinds } from './kinds/all.js';
import type { Ground, Kind } from './kinds/kind.js';
import type { ChaosStack } from './stack/chaos-stack.js';

const announceTimeoutMs = 20_000;
const announcePollMs = 100;

/** Every kind with its flow, all running. */
export interface Flows {
  readonly api: ApiClient;
  readonly all: readonly Addressee[];
  /** Those that clients call. */
  readonly called: readonly Addressee[];
  readonly plain: Addressee;
}

/** Makes the flows of every kind through the public API, as a person would. */
export async function makeFlows(stack: ChaosStack, ledger: Ledger): Promise<Flows> {
  const { email, password } = stack.administrator;
  const api = await signIn(stack.apiUrl, email, password);
  await componentsAnnounced(api);
  const doors = stack.instances.filter(({ role }) => role === 'webhooks-service').map(({ service }) => service.url);
  let turn = 0;
  const nextDoor = (): string => {
    turn += 1;
    return doors[turn % doors.length] ?? '';
  };
  const ground: Ground = {
    api,
    open: await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } }),
    petstore: await createCredential(api, { component: 'petstore', name: 'Petstore', fields: { apiKey: 'secret' } }),
    hookUrl: (flowId) => `${nextDoor()}/hook/${flowId}`,
    nextDoor: (url) => `${nextDoor()}${new URL(url).pathname}`,
    effects: stack.target.effects,
    note: (number, verdict) => ledger.note(number, verdict),
  };
  const make = async (some: readonly Kind[]): Promise<Addressee[]> => {
    const made: Addressee[] = [];
    for (const kind of some) made.push({ name: kind.name, flow: await kind.create(ground) });
    return made;
  };
  const called = await make(kinds);
  const all = [...called, ...(await make(scheduledKinds))];
  const plain = all.find(({ name }) => name === plainKind.name);
  if (!plain) throw new Error('There is no plain kind of flow.');
  return { api, all, called, plain };
}

/** Components announce themselves over the broker after they have started; a flow can use them from then on. */
async function componentsAnnounced(api: ApiClient): Promise<void> {
  const deadline = performance.now() + announceTimeoutMs;
  for (;;) {
    const { items } = await api.get<{ items: { name: string }[] }>('/v1/components');
    const missing = ['webhook', 'petstore', 'probe'].filter((name) => !items.some((item) => item.name === name));
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw new Error(`The components ${missing.join(', ')} were not announced.`);
    await sleep(announcePollMs);
  }
}
