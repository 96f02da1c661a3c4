import { describeComponent } from '@millrace/component-conformance';
import { afterAll, describe } from 'vitest';
import { http } from './http.js';
import { expressions } from './paging.js';

afterAll(() => expressions.close());

const steps = (url: string) => ({ request: { input: { url } } });

describeComponent(http, { credential: { type: 'bearer', token: 'a-token-for-the-conformance-suite' }, steps });
describe.each(['header', 'query'])('with an API key in the %s', (place) => {
  const value = 'a-key-for-the-conformance-suite';
  describeComponent(http, { credential: { type: 'apiKey', in: place, name: 'X-Api-Key', value }, steps });
});
