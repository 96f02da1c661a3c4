import { Alert, Button, Code, Group, Loader, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { CopyButton } from '../../../../ui/copy-button.js';
import { ProblemAlert } from '../../../../ui/problem-alert.js';
import { useDraft } from '../../draft/use-draft.js';
import { curlText, methodOf } from '../../webhook/curl-text.js';
import { useCallerAuthentication } from '../../webhook/use-authentication.js';
import { useStep } from '../step-context.js';
import classes from '../step-panel.module.css';
import { useDeleteSample, useTakeSample } from './use-take-sample.js';

const lookEveryMs = 1_500;
const example = '{"petname": "Gromit", "petstatus": "Sold"}';

/** Waits for a request to the webhook that becomes the sample. */
export function CaptureSample({ onDone }: { onDone: () => void }): ReactNode {
  const { step, sample } = useStep();
  const { reloadSamples } = useDraft();
  const arming = useTakeSample(step.id);
  const restoring = useTakeSample(step.id);
  const deleting = useDeleteSample(step.id);
  const [before] = useState(sample);
  const [now, setNow] = useState(Date.now);
  const authentication = useCallerAuthentication(step.credentialId ?? undefined);
  const { mutate: arm } = arming;
  const armed = useRef(false);

  useEffect(() => {
    // Once, also where effects run twice.
    if (armed.current) return;
    armed.current = true;
    arm({ mode: 'capture' });
  }, [arm]);
  useEffect(() => {
    let looking = false;
    const timer = setInterval(() => {
      setNow(Date.now());
      // One look at a time: the next would cut off one that is slow.
      if (looking) return;
      looking = true;
      void reloadSamples().finally(() => (looking = false));
    }, lookEveryMs);
    return () => clearInterval(timer);
  }, [reloadSamples]);
  const arrived = sample?.source === 'captured' && sample.updatedAt !== before?.updatedAt;
  useEffect(() => {
    if (!arrived) return;
    notifications.show({ message: 'A request has come: it is the sample now.' });
    onDone();
  }, [arrived, onDone]);

  const capture = arming.data && 'status' in arming.data ? arming.data : undefined;
  const leftMs = capture ? Date.parse(capture.expiresAt) - now : 0;
  const cancel = (): void => {
    // Whatever takes its place ends the waiting: the sample that was there before, or none.
    if (before) restoring.mutate({ mode: 'manual', value: before.output }, { onSettled: onDone });
    else deleting.mutate(undefined, { onSettled: onDone });
  };
  if (arming.error !== null) {
    return (
      <Stack gap="sm">
        <ProblemAlert error={arming.error} onRetry={() => arm({ mode: 'capture' })} />
        <Group>
          <Button variant="default" onClick={onDone}>
            Back
          </Button>
        </Group>
      </Stack>
    );
  }
  if (!capture) return <Loader size="sm" aria-label="Opening the webhook" />;
  const curl =
    authentication &&
    curlText({ url: capture.webhookUrl, method: methodOf(step.config), authentication, body: example });
  return (
    <Stack gap="sm">
      <Text size="sm">Send a request to this URL, as the other system will. It becomes the sample.</Text>
      {leftMs > 0 ? (
        <Group gap="sm" role="status">
          <Loader size="xs" aria-hidden="true" />
          <Text size="sm">
            Waiting for a request … <span aria-hidden="true">{countdown(leftMs)} left</span>
          </Text>
        </Group>
      ) : (
        <Alert color="yellow" title="No request has come">
          <Button size="xs" variant="default" onClick={() => arm({ mode: 'capture' })}>
            Wait again
          </Button>
        </Alert>
      )}
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Code block role="region" aria-label="URL of the webhook" className={classes['command'] ?? ''}>
          {capture.webhookUrl}
        </Code>
        <CopyButton value={capture.webhookUrl} label="Copy the URL" />
      </Group>
      {curl !== undefined && (
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <Code block role="region" aria-label="Command that sends a request" className={classes['command'] ?? ''}>
            {curl}
          </Code>
          <CopyButton value={curl} label="Copy the curl command" />
        </Group>
      )}
      {authentication && authentication.type !== 'none' && (
        <Text size="xs" c="dimmed">
          {curl === undefined
            ? 'Requests of this sender cannot be signed by hand: send one from its own site.'
            : 'Fill in what stands in braces: the console knows no secrets.'}
        </Text>
      )}
      <ProblemAlert error={restoring.error ?? deleting.error} />
      <Group>
        <Button variant="default" loading={restoring.isPending || deleting.isPending} onClick={cancel}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
