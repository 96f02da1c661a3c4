import { Anchor, Group, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { useFlowNames } from '../../api/flow-names.js';
import type { Run } from '../../api/schema.generated.js';
import { CopyButton } from '../../ui/copy-button.js';
import { PageHeader } from '../../ui/page-header.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { durationWords, wholeTime } from '../../ui/time-words.js';
import { useNow } from '../../ui/use-now.js';
import { RunActions } from './run-actions.js';
import { versionsOf } from './run-definition.js';
import classes from './run.module.css';

/** Of which flow a run is, what became of it and when. */
export function RunHeader({ run }: { run: Run }): ReactNode {
  const { nameOf } = useFlowNames([run.flowId]);
  const { state } = useLocation() as { state: unknown };
  const name = nameOf(run.flowId);
  const retriedWith = versionsOf(run).filter((version) => version !== run.flowVersion);
  const now = useNow();
  const took = Math.max(0, (run.finishedAt === null ? now : Date.parse(run.finishedAt)) - Date.parse(run.startedAt));
  return (
    <>
      <Anchor component={Link} to={listPlace(state)} size="sm" className={classes['back'] ?? ''}>
        <IconArrowLeft size={15} aria-hidden="true" /> Runs
      </Anchor>
      <PageHeader
        title={name === '…' ? 'Run' : name}
        badge={<StatusBadge status={run.status} />}
        actions={<RunActions run={run} />}
      />
      {/* The time that it has taken so far changes all the while: only the status is read out. */}
      <VisuallyHidden role="status">{`The run is ${run.status}`}</VisuallyHidden>
      <dl className={classes['facts']}>
        <Fact name="Flow">
          <Anchor component={Link} to={`/flows/${run.flowId}`} inherit>
            <bdi>{name}</bdi>
          </Anchor>
          {run.flowVersion !== null && ` · version ${run.flowVersion}`}
          {retriedWith.length > 0 && `, retried with ${retriedWith.toReversed().join(', ')}`}
        </Fact>
        <Fact name="Started">{wholeTime(new Date(run.startedAt))}</Fact>
        <Fact name="Finished">{run.finishedAt === null ? '–' : wholeTime(new Date(run.finishedAt))}</Fact>
        <Fact name={run.finishedAt === null ? 'So far' : 'Took'}>{durationWords(took)}</Fact>
        <Fact name="Request id">
          <Group gap={2} wrap="nowrap">
            <Anchor
              component={Link}
              to={`/runs?q=${run.requestId}`}
              ff="monospace"
              size="xs"
              className={classes['id'] ?? ''}
            >
              {run.requestId}
            </Anchor>
            <CopyButton value={run.requestId} label="Copy the request id" />
          </Group>
        </Fact>
        {run.replayOf !== null && (
          <Fact name="Replay of">
            <Anchor component={Link} to={`/runs/${run.replayOf}`} inherit>
              …{run.replayOf.slice(-8)}
            </Anchor>
          </Fact>
        )}
      </dl>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" size="sm" m={0}>
        {children}
      </Text>
    </div>
  );
}

/** The list that led here, with its filters. */
function listPlace(state: unknown): string {
  const list = typeof state === 'object' && state !== null ? (state as { list?: unknown }).list : undefined;
  return typeof list === 'string' && list.startsWith('/runs') ? list : '/runs';
}
