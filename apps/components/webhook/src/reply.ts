import { action } from '@millrace/component-sdk';
import { hasNoContent, responseHeaders, responseStatus } from '@millrace/webhook-settings';
import { z } from 'zod';

const input = z.object({
  status: responseStatus.default(200),
  headers: responseHeaders.default({}).describe('headers of the answer, by name'),
  body: z.unknown().optional().describe('a text is answered as it is, any other value as JSON; without it nothing'),
});

const output = z.object({
  status: responseStatus,
  headers: z.record(z.string(), z.string()).describe('headers of the answer, by lower-case name'),
  body: z.string().describe('text of the answer'),
});

/** Answers the caller who waits. It only says what the answer is: the orchestrator sends it once the step is settled. */
export const reply = action({
  title: 'Reply',
  description: 'Answers the caller of the webhook URL, who waits for the first reply of the flow.',
  needsCredential: false,
  idempotency: 'natural',
  input,
  output,
  run: ({ input: { status, headers, body } }) => answerOf(status, headers, body),
});

function answerOf(status: number, given: Record<string, string>, value: unknown): z.output<typeof output> {
  const headers = Object.fromEntries(Object.entries(given).map(([name, text]) => [name.toLowerCase(), text]));
  if (value === undefined || hasNoContent(status)) return { status, headers, body: '' };
  const [contentType, body] =
    typeof value === 'string'
      ? (['text/plain; charset=utf-8', value] as const)
      : (['application/json; charset=utf-8', JSON.stringify(value)] as const);
  return { status, headers: { 'content-type': contentType, ...headers }, body };
}
