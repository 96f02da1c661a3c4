import { Badge, Group, Paper, Tabs, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import type { Run, StepRun } from '../../api/schema.generated.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { Attempts } from './attempts.js';
import { Logs } from './logs.js';
import { Payload } from './payload.js';
import { isRequestInput, RequestView } from './request-view.js';
import { RetryStep } from './run-actions.js';
import classes from './run.module.css';
import { StepFailure } from './step-failure.js';
import { isSplit } from './step-tree.js';
import type { StepWords } from './step-words.js';
import { WaitNote } from './wait-note.js';

export interface StepPanelProps {
  run: Run;
  step: StepRun;
  words: StepWords;
}

/** What one step run got and gave, why it failed, how often it was tried and what it logged. */
export function StepPanel({ run, step, words }: StepPanelProps): ReactNode {
  const [search, setSearch] = useSearchParams();
  const { state } = useLocation() as { state: unknown };
  const request = isRequestInput(step.input) ? step.input : undefined;
  const tabs = ['output', 'input', 'attempts', 'logs'];
  const wanted = search.get('tab') ?? '';
  const tab = tabs.includes(wanted) ? wanted : step.status === 'succeeded' && step.path !== '' ? 'output' : 'input';
  const choose = (value: string | null): void => {
    const next = new URLSearchParams(search);
    if (value !== null) next.set('tab', value);
    setSearch(next, { replace: true, preventScrollReset: true, state });
  };
  const place = isSplit(step.path) ? `${step.stepId} at path ${step.path}` : step.stepId;
  return (
    <Paper
      component="section"
      withBorder
      radius="md"
      p="md"
      className={classes['panel'] ?? ''}
      aria-label={`Step ${words.name}`}
    >
      <Group justify="space-between" align="flex-start" mb="sm">
        <div>
          <Group gap="xs">
            <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
              <bdi>{words.name}</bdi>
            </Title>
            <StatusBadge status={step.status} />
          </Group>
          <Text size="xs" c="dimmed">
            {place}
            {words.component !== '' && (
              <>
                {' · '}
                <bdi>{words.component}</bdi>
              </>
            )}
            {step.flowVersion !== run.flowVersion &&
              step.flowVersion !== null &&
              ` · version ${step.flowVersion} of the flow`}
            {step.componentVersion !== null && ` · component version ${step.componentVersion}`}
          </Text>
        </div>
        <RetryStep run={run} step={step} />
      </Group>
      {step.error !== null && <StepFailure run={run} step={step} />}
      {step.status === 'waiting' && <WaitNote run={run} step={step} />}
      <Tabs value={tab} onChange={choose} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="input">{request ? 'Request' : 'Input'}</Tabs.Tab>
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="attempts" rightSection={<Count of={step.attempts} />}>
            Attempts
          </Tabs.Tab>
          <Tabs.Tab value="logs" rightSection={<Count of={step.logs.length} />}>
            Logs
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="input">
          {request ? (
            <RequestView run={run} step={step} request={request} />
          ) : (
            <Payload run={run} step={step} part="input" label={`Input of ${place}`} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="output">
          {step.status !== 'succeeded' && step.output === null ? (
            <Text size="sm" c="dimmed">
              {step.status === 'failed' ? 'It failed and gave nothing.' : 'It has given nothing so far.'}
            </Text>
          ) : (
            <>
              {step.outputCount !== null && step.outputCount !== 1 && (
                <Text size="sm" c="dimmed" mb="xs">
                  {step.outputCount === 0
                    ? 'It succeeded and gave nothing: the branch ends here.'
                    : `It gave ${step.outputCount.toLocaleString('en')} outputs; what follows runs once for each.`}
                </Text>
              )}
              <Payload run={run} step={step} part="output" label={`Output of ${place}`} />
            </>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="attempts">
          <Attempts run={run} step={step} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <Logs run={run} step={step} />
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
}

function Count({ of: count }: { of: number }): ReactNode {
  return count === 0 ? null : (
    <Badge size="xs" variant="default" circle={count < 10}>
      {count}
    </Badge>
  );
}
