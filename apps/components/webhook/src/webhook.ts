import { defineComponent, hookRequestBody, secret, TerminalError, trigger } from '@millrace/component-sdk';
import { z } from 'zod';
import { bodyParsers, parserFor } from './body-parsers.js';

/** How callers of the webhook URL prove who they are; checked where the request comes in, before it is accepted. */
const credentialFields = z.discriminatedUnion('type', [
  z.object({ type: z.literal('none').describe('No authentication: anyone who knows the URL can call it') }),
  z.object({
    type: z.literal('basic').describe('Basic authentication'),
    username: z.string().min(1).max(255).describe('User name that callers send'),
    password: secret().max(1024).describe('Password that callers send'),
  }),
]);

const receive = trigger.webhook({
  title: 'Receive',
  description: 'Starts a run for each call of the webhook URL. The output is the body of the request.',
  output: z.unknown().describe('the value of the JSON body'),
  run: ({ input }) => {
    const parse = parserFor(input.contentType);
    if (!parse) {
      const known = [...bodyParsers.keys()].join(', ');
      throw new TerminalError(
        `The content type "${input.contentType.slice(0, 100)}" cannot be read; known are: ${known}`,
        {
          code: 'content_type_unknown',
        },
      );
    }
    return parse(hookRequestBody(input));
  },
});

export const webhook = defineComponent({
  name: 'webhook',
  title: 'Webhook',
  description: 'Receives what other systems send to the URL of a flow.',
  version: '1.0.0',
  credentials: { fields: credentialFields },
  triggers: { receive },
});
