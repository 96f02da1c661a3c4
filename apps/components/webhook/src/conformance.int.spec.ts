import { describeComponent } from '@millrace/component-conformance';
import { webhook } from './webhook.js';

describeComponent(webhook, {
  credential: { type: 'hmac', preset: 'standard-webhooks', secret: 'whsec_Y29uZm9ybWFuY2Utc3VpdGUta2V5LTEyMzQ=' },
  steps: (url) => ({
    receive: { alone: true },
    reply: { input: { body: { a: 1 } }, alone: true },
    wait: { alone: true },
    send: { input: { url } },
  }),
});
