import type { Http, HttpMethod } from '@millrace/component-sdk';
import { z } from 'zod';
import type {
  ITwitterApiBeforeRequestConfigHookArgs,
  ITwitterApiClientPlugin,
  TwitterApiv2,
  TwitterResponse,
} from 'twitter-api-v2';
import type { TwitterCredential } from './credential.js';
import { xBaseUrl, type TwitterSettings } from './settings.js';
import { refusalOf, refusalStatuses } from './x-errors.js';

/** What every answer of the API has one of; the library takes that for granted. */
const anyAnswer = z
  .looseObject({ data: z.unknown(), meta: z.unknown(), errors: z.unknown() })
  .partial()
  .refine(({ data, meta, errors }) => (data ?? meta ?? errors) !== undefined, 'has neither data nor errors');

export interface XAccess {
  credential: TwitterCredential;
  settings: TwitterSettings;
  http: Http;
}

/**
 * The client of the X API for one step. The library knows the endpoints, builds and signs the requests; they are sent with
 * the step's `http`, so they end with it and go to the address that the operator set. It rejects with errors that say
 * whether another attempt can help.
 */
export async function xClient({ credential, settings, http }: XAccess): Promise<TwitterApiv2> {
  // Loaded with the first call, for it takes 14 MB that an idle process need not have.
  const { TwitterApi } = await import('twitter-api-v2');
  const plugins = [new StepTransport(settings.TWITTER_BASE_URL, http)];
  const token =
    credential.type === 'oauth2'
      ? credential.accessToken
      : {
          appKey: credential.consumerKey,
          appSecret: credential.consumerSecret,
          accessToken: credential.accessToken,
          accessSecret: credential.accessTokenSecret,
        };
  return typeof token === 'string' ? new TwitterApi(token, { plugins }).v2 : new TwitterApi(token, { plugins }).v2;
}

/** Sends what the library would send. It signs after the address is set, for the signature covers it. */
class StepTransport implements ITwitterApiClientPlugin {
  constructor(
    private readonly baseUrl: string,
    private readonly http: Http,
  ) {}

  async onBeforeRequestConfig({
    client,
    params,
  }: ITwitterApiBeforeRequestConfigHookArgs): Promise<TwitterResponse<unknown>> {
    const { method, url, headers, body } = client['getHttpRequestArgs']({
      ...params,
      url: params.url.replace(xBaseUrl, this.baseUrl),
      // By itself the library tells from the path, and a base address may have one of its own.
      forceBodyMode: params.forceBodyMode ?? 'json',
    });
    const answer = await this.http.request(method as HttpMethod, url.href, {
      headers,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Buffer.from(body) }),
      accept: refusalStatuses,
      // A request is signed once: sent again, its nonce would be refused. The step's policy makes a new one.
      retry: false,
    });
    if (answer.status >= 400) throw refusalOf(`${method} ${url.pathname}`, answer);
    // An upload's parts are answered with nothing at all.
    const isUpload = url.pathname.includes('/media/');
    const data = isUpload && answer.body.length === 0 ? undefined : answer.json(isUpload ? z.unknown() : anyAnswer);
    return { data, headers: answer.headers };
  }
}
