import { describeComponent } from '@millrace/component-conformance';
import { afterAll } from 'vitest';
import { http } from './http.js';
import { expressions } from './paging.js';

afterAll(() => expressions.close());

describeComponent(http, {
  credential: { type: 'bearer', token: 'a-token-for-the-conformance-suite' },
  steps: (url) => ({ request: { input: { url } } }),
});
