import { Accordion, Anchor, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useFlowNames } from '../../api/flow-names.js';
import type { Rejection } from '../../api/schema.generated.js';
import { CopyButton } from '../../ui/copy-button.js';
import { wholeTime } from '../../ui/time-words.js';
import { ItemHead } from '../shared/opening-list.js';
import { Pairs } from '../shared/pairs.js';
import { reasonWords, rejectionRemedy } from './rejection-remedy.js';
import classes from './rejections.module.css';

/** One refused request: the reason in a line, and when it is opened what helps and what came in. */
export function RejectionItem({ rejection }: { rejection: Rejection }): ReactNode {
  const { nameOf } = useFlowNames([rejection.flowId]);
  const { id, flowId, status, reason, message, method, path, headers, bodyBytes, bodySha256, requestId } = rejection;
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>
        <ItemHead
          sign={
            <Code className={classes['code'] ?? ''} aria-label={`Status ${status}`}>
              {status}
            </Code>
          }
          title={reasonWords(reason)}
          words={
            <>
              {method} · <bdi>{nameOf(flowId)}</bdi> <bdi>{path}</bdi>
            </>
          }
          time={rejection.receivedAt}
        />
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          <Text size="sm" className={classes['text'] ?? ''}>
            {message}
          </Text>
          <div>
            <Text size="sm" fw={600}>
              How to mend it
            </Text>
            <Text size="sm">{rejectionRemedy(reason)}</Text>
          </div>
          <Group gap="xs">
            <Text size="sm" c="dimmed">
              Flow
            </Text>
            <Anchor component={Link} to={`/flows/${flowId}`} size="sm">
              <bdi>{nameOf(flowId)}</bdi>
            </Anchor>
            <Text size="sm" c="dimmed">
              · {wholeTime(new Date(rejection.receivedAt))}
            </Text>
          </Group>
          <Group gap={4} wrap="nowrap">
            <Text size="sm" c="dimmed">
              Request id
            </Text>
            <Code className={classes['text'] ?? ''}>{requestId}</Code>
            <CopyButton value={requestId} label="Copy the request id" />
          </Group>
          <Pairs title="Headers, secrets masked" pairs={headers} />
          <Text size="xs" c="dimmed" className={classes['text'] ?? ''}>
            {bodyBytes === null
              ? 'The body was not read.'
              : `The body had ${bodyBytes.toLocaleString('en')} bytes and is not kept.`}
            {bodySha256 !== null && ` Its SHA-256 is ${bodySha256}.`}
          </Text>
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
