import { defineComponent, hookRequestBody, trigger } from '@millrace/component-sdk';
import { webhookCredentialSchema } from '@millrace/signatures';
import { receiveSettingsSchema } from '@millrace/webhook-settings';
import { z } from 'zod';
import { readJsonBody } from './json-body.js';
import { reply } from './reply.js';
import { send } from './send.js';
import { wait } from './wait.js';

const receive = trigger.webhook({
  title: 'Receive',
  description: 'Starts a run for each call of the webhook URL. The output is the body of the request.',
  // What it says is done where a call comes in and where runs begin; here it is described.
  config: receiveSettingsSchema,
  output: z.unknown().describe('the value of the body'),
  run: ({ input }) => readJsonBody(hookRequestBody(input)),
});

export const webhook = defineComponent({
  name: 'webhook',
  title: 'Webhook',
  description:
    'Receives what other systems send to the URL of a flow, answers it, waits for further calls, and calls URLs.',
  version: '1.0.0',
  credentials: {
    // How callers prove who they are: those of the webhook URL, checked where a call comes in, before it is accepted, and this
    // component where it calls.
    fields: webhookCredentialSchema,
    // There is no system to ask. Being asked at all makes sure that the fields fit together: a key to its preset.
    verify: async () => {},
  },
  triggers: { receive },
  actions: { reply, wait, send },
});
