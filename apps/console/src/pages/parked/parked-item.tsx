import { Accordion, Anchor, Button, Code, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { ParkedMessage } from '../../api/schema.generated.js';
import { askFirst } from '../../ui/ask-first.js';
import { JsonView } from '../../ui/json-view.js';
import { LoadingRows } from '../../ui/loading.js';
import { notifyProblem } from '../../ui/notify-problem.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { wholeTime } from '../../ui/time-words.js';
import { ItemHead } from '../shared/opening-list.js';

/** One parked message: why it is, what it holds, and the ways out. */
export function ParkedItem({ message }: { message: ParkedMessage }): ReactNode {
  const { id, queue, reason, messageId, sizeBytes, parkedAt } = message;
  const { release, remove } = useWaysOut(message);
  const [runId = ''] = messageId.split(':');
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>
        <ItemHead title={reason} words={queueWords(queue)} time={parkedAt} />
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          <Group gap="xs">
            <Button
              size="xs"
              leftSection={<IconPlayerPlay size={16} aria-hidden="true" />}
              loading={release.isPending}
              onClick={() => release.mutate()}
            >
              Release
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconTrash size={16} aria-hidden="true" />}
              loading={remove.isPending}
              onClick={() =>
                askFirst({
                  title: 'Delete this message?',
                  body: 'What it asked for will never be done. This cannot be taken back.',
                  confirm: 'Delete the message',
                  onConfirm: () => remove.mutate(),
                })
              }
            >
              Delete
            </Button>
          </Group>
          <Text size="sm">
            Released, it goes to its queue <Code>{queue === '' ? 'unknown' : queue}</Code> once more with its id: what
            was done for it already is not done again. Mend the cause first, or it comes back.
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            Message{' '}
            {/^[0-9a-f-]{32,36}$/.test(runId) ? (
              <Anchor component={Link} to={`/runs?q=${runId}`} inherit>
                {messageId}
              </Anchor>
            ) : (
              messageId
            )}{' '}
            · {sizeBytes.toLocaleString('en')} bytes · parked {wholeTime(new Date(parkedAt))}
          </Text>
          <Body id={id} />
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function Body({ id }: { id: string }): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['parked-body', id],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/parked/{parkedId}', { params: { path: { parkedId: id } }, signal })),
    staleTime: Infinity,
  });
  if (error) return <ProblemAlert error={error} onRetry={() => refetch()} />;
  if (!data) return <LoadingRows count={1} label="Loading the body" />;
  if (data.body === null) {
    return (
      <Text size="sm" c="dimmed">
        The body cannot be read as a message, so it is not known what of it is secret: it is not shown.
      </Text>
    );
  }
  const label = `Body${data.bodyEncoding === 'base64' ? ', in Base64' : ''}${data.truncated ? ', its beginning' : ''}`;
  return <JsonView value={readable(data.body)} label={label} />;
}

function readable(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function useWaysOut({ id }: ParkedMessage) {
  const client = useQueryClient();
  const params = { path: { parkedId: id } };
  const onSettled = () => client.invalidateQueries({ queryKey: [keys.parked] });
  const release = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/parked/{parkedId}/release', { params })),
    onSuccess: () => notifications.show({ message: 'The message is on its queue again' }),
    onError: notifyProblem,
    onSettled,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/v1/parked/{parkedId}', { params })),
    onSuccess: () => notifications.show({ message: 'The message is deleted' }),
    onError: notifyProblem,
    onSettled,
  });
  return { release, remove };
}

function queueWords(queue: string): string {
  if (queue === 'triggers') return 'A request, on its way to its run';
  if (queue === 'results') return 'The result of a step';
  if (queue.startsWith('steps.')) return `A step, on its way to the component ${queue.slice(6)}`;
  return queue === '' || queue === 'unknown' ? 'From an unknown queue' : `From the queue ${queue}`;
}
