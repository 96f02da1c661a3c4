import { Alert, Button, Group, List, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { asApiProblem } from '../api/api-problem.js';
import { CopyButton } from './copy-button.js';
import { pointerNames } from './json-pointer.js';
import { problemWords } from './problem-words.js';

export interface ProblemAlertProps {
  error: unknown;
  /** Makes a "Try again" button. */
  onRetry?: (() => unknown) | undefined;
  /** The faults of fields that the form shows beside the fields themselves, by JSON pointer. */
  shownPointers?: readonly string[];
}

/** A failure in words, with the request id and, where it makes sense, "Try again". Renders nothing without an error. */
export function ProblemAlert({ error, onRetry, shownPointers = [] }: ProblemAlertProps): ReactNode {
  if (error === null || error === undefined) return null;
  const { title, detail } = problemWords(error);
  const { requestId, problems } = asApiProblem(error);
  const rest = problems.filter(({ pointer }) => !shownPointers.includes(pointer));
  return (
    <Alert role="alert" color="red" title={title} icon={<IconAlertCircle aria-hidden="true" />}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {problems.length > 0 && rest.length === 0 ? 'Mend what is marked and try again.' : detail}
      </Text>
      {rest.length > 0 && (
        <List size="sm" mt="xs">
          {rest.map(({ pointer, code, message }) => (
            <List.Item key={`${pointer} ${code}`}>
              {pointer !== '' && <strong>{pointerNames(pointer).join(' › ')}: </strong>}
              {message}
            </List.Item>
          ))}
        </List>
      )}
      {(onRetry !== undefined || requestId !== undefined) && (
        <Group mt="sm" gap="sm">
          {onRetry !== undefined && (
            <Button size="xs" variant="default" onClick={() => void onRetry()}>
              Try again
            </Button>
          )}
          {requestId !== undefined && (
            <Group gap={4} wrap="nowrap">
              <Text size="xs">Request id {requestId}</Text>
              <CopyButton value={requestId} label="Copy the request id" />
            </Group>
          )}
        </Group>
      )}
    </Alert>
  );
}
