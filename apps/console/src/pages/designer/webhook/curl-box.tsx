import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyButton } from '../../../ui/copy-button.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { LoadingRows } from '../../../ui/loading.js';
import { useDraft } from '../draft/use-draft.js';
import { curlText } from './curl-text.js';
import { sampleBody } from './sample-body.js';
import { usePublishedCall } from './use-authentication.js';
import classes from './webhook-strip.module.css';

/** A command that calls the published flow as its credential asks for; what is secret is left to be filled in. */
export function CurlBox({ webhookUrl }: { webhookUrl: string }): ReactNode {
  const { draft, samples } = useDraft();
  const call = usePublishedCall();
  if (call.isError) {
    return <ProblemAlert error={call.error} onRetry={() => call.refetch()} />;
  }
  if (!call.data) return <LoadingRows count={1} />;
  const body = sampleBody(samples.get(draft.steps[0]?.id ?? '')?.output);
  const text = curlText({ ...call.data, url: webhookUrl, body });
  if (text === undefined) {
    return (
      <Text size="sm" mt="xs">
        Calls of this sender cannot be signed by hand: send one from its own site.
      </Text>
    );
  }
  return (
    <Stack gap={6} mt="xs">
      {/* It scrolls, and so has to be reachable by keyboard. */}
      <pre className={classes['curl']} tabIndex={0} role="region" aria-label="Command that calls the flow">
        {text}
      </pre>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {call.data.authentication.type === 'none'
            ? 'No secret is needed.'
            : 'Fill in what stands in braces: the console knows no secrets.'}
        </Text>
        <CopyButton value={text} label="Copy the command">
          Copy
        </CopyButton>
      </Group>
    </Stack>
  );
}
