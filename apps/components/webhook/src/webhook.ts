import { defineComponent, hookRequestBody, TerminalError, trigger } from '@millrace/component-sdk';
import { webhookCredentialSchema } from '@millrace/signatures';
import { z } from 'zod';
import { bodyParsers, parserFor } from './body-parsers.js';

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
  credentials: {
    // How callers of the webhook URL prove who they are; it is checked where a call comes in, before it is accepted.
    fields: webhookCredentialSchema,
    // There is no system to ask. Being asked at all makes sure that the fields fit together: a key to its preset.
    verify: async () => {},
  },
  triggers: { receive },
});
