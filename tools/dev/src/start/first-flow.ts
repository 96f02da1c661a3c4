import { ApiError, type ApiClient, signIn } from '../stack/api-client.js';
import type { StackUrls } from '../stack/service-list.js';
import { type CreatedFlow, createTutorialFlow } from '../stack/tutorial-flow.js';
import type { Secrets } from './data-folder.js';

const attempts = 20;
const pauseMs = 500;

/** The flow of the tutorial, or why there is none to show. */
export type FirstFlow =
  | { outcome: 'ready'; flow: CreatedFlow; created: boolean }
  | { outcome: 'removed' }
  | { outcome: 'otherAdministrator' };

/** Creates the tutorial flow at the first start; later it is only looked up, and may have been deleted. */
export async function firstFlow(urls: StackUrls, secrets: Secrets, knownId: string | undefined): Promise<FirstFlow> {
  let api: ApiClient;
  try {
    api = await signIn(urls.api, secrets.adminEmail, secrets.adminPassword);
  } catch (error) {
    // A database from elsewhere has an administrator of its own, and a password can have been changed since.
    if (error instanceof ApiError && error.status === 401) return { outcome: 'otherAdministrator' };
    // Too many failed sign-ins lock the account for a while. That is no reason not to start.
    if (error instanceof ApiError && error.status === 429 && knownId !== undefined) {
      return { outcome: 'ready', flow: { id: knownId, webhookUrl: `${urls.hook}/hook/${knownId}` }, created: false };
    }
    throw error;
  }
  if (knownId === undefined) {
    await componentsAnnounced(api, ['webhook', 'petstore']);
    return { outcome: 'ready', flow: await createTutorialFlow(api), created: true };
  }
  try {
    return { outcome: 'ready', flow: await api.get<CreatedFlow>(`/v1/flows/${knownId}`), created: false };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { outcome: 'removed' };
    throw error;
  }
}

/** Components announce themselves over the broker after they have started; a flow can use them from then on. */
async function componentsAnnounced(api: ApiClient, names: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { items } = await api.get<{ items: { name: string }[] }>('/v1/components');
    const missing = names.filter((name) => !items.some((item) => item.name === name));
    if (missing.length === 0) return;
    if (attempt === attempts) throw new Error(`The components ${missing.join(', ')} have not announced themselves.`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
