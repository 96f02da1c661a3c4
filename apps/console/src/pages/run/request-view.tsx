import { Code, Group, Stack, Text } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import type { Run, StepRun } from '../../api/schema.generated.js';
import { JsonView } from '../../ui/json-view.js';
import { Pairs } from '../shared/pairs.js';
import { Payload } from './payload.js';
import { elidedPart } from './use-payload.js';
import classes from './run.module.css';

/** The request that a webhook was called with, as the trigger got it. */
export interface RequestInput {
  method: string;
  path: string;
  query: Record<string, unknown>;
  headers: Record<string, unknown>;
  contentType?: string | null;
  body?: string;
  bodyEncoding?: 'utf8' | 'base64';
}

export function isRequestInput(input: unknown): input is RequestInput {
  if (typeof input !== 'object' || input === null) return false;
  const { method, headers, query } = input as Partial<RequestInput>;
  return typeof method === 'string' && typeof headers === 'object' && typeof query === 'object';
}

export interface RequestViewProps {
  run: Run;
  step: StepRun;
  request: RequestInput;
}

/** A webhook request: method, path, query, headers and body. */
export function RequestView({ run, step, request }: RequestViewProps): ReactNode {
  const { method, path, query, headers, body, bodyEncoding } = request;
  const shown = useMemo(() => readable(body, bodyEncoding), [body, bodyEncoding]);
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Code fw={700}>{method}</Code>
        <Code className={classes['text'] ?? ''}>{path === '' ? '/' : path}</Code>
        {request.contentType != null && (
          <Text size="xs" c="dimmed">
            {request.contentType}
          </Text>
        )}
      </Group>
      {Object.keys(query).length > 0 && <Pairs title="Query" pairs={query} />}
      <Pairs title="Headers" pairs={headers} />
      <div>
        <Text size="sm" fw={600} mb={4}>
          Body
        </Text>
        {elidedPart(step, 'input') !== undefined ? (
          <Payload run={run} step={step} part="input" label="The request with its body" />
        ) : shown === undefined ? (
          <Text size="sm" c="dimmed">
            The request had no body.
          </Text>
        ) : (
          <JsonView value={shown.value} label={shown.label} />
        )}
      </div>
    </Stack>
  );
}

function readable(
  body: string | undefined,
  encoding: string | undefined,
): { value: unknown; label: string } | undefined {
  if (body === undefined || body === '') return undefined;
  if (encoding === 'base64') return { value: body, label: 'Body, in Base64' };
  try {
    return { value: JSON.parse(body) as unknown, label: 'Body, as JSON' };
  } catch {
    return { value: body, label: 'Body, as text' };
  }
}
