import { defineComponent } from '@millrace/component-sdk';
import { credentialFields } from './credential.js';
import { request } from './request.js';

export const http = defineComponent({
  name: 'http',
  title: 'HTTP',
  description: 'Makes any request to any system.',
  version: '1.0.0',
  // Whether a system accepts it is known only where it is called.
  credentials: { fields: credentialFields, required: false },
  actions: { request },
});
