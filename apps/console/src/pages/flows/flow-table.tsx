import { ActionIcon, Button, Menu, Text } from '@mantine/core';
import {
  IconActivity,
  IconCopy,
  IconDots,
  IconDownload,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconTrash,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { NameLink } from '../../ui/name-link.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { When } from '../../ui/when.js';
import { runsPath } from '../runs/run-filter.js';
import classes from './flows.module.css';
import { SuccessRate } from './success-rate.js';
import { useFlowActs, type Flow } from './use-flows.js';

/** The flows as rows; on narrow screens as cards. */
export function FlowTable({ flows, isStale }: { flows: readonly Flow[]; isStale: boolean }): ReactNode {
  return (
    <div className={classes['table']} role="table" aria-label="Flows" aria-busy={isStale}>
      <div className={`${classes['row']} ${classes['head']}`} role="row">
        {['Name', 'Status', 'Last run', 'Success, 7 days', 'Actions'].map((name) => (
          <div key={name} role="columnheader">
            {name}
          </div>
        ))}
      </div>
      {flows.map((flow) => (
        <FlowRow key={flow.id} flow={flow} />
      ))}
    </div>
  );
}

function FlowRow({ flow }: { flow: Flow }): ReactNode {
  const { id, name, status, lastRun, lastWeek, queuedRuns } = flow;
  return (
    <div className={classes['row']} role="row">
      <div role="cell" className={classes['name-cell']}>
        <NameLink to={`/flows/${id}`}>{name}</NameLink>
        <Text size="xs" c="dimmed" truncate>
          {flow.publishedVersion === null ? 'not published' : `version ${flow.publishedVersion}`}
          {queuedRuns > 0 && ` · ${queuedRuns.toLocaleString('en')} queued`}
        </Text>
      </div>
      <div role="cell" className={classes['status']}>
        <StatusBadge status={status} />
      </div>
      <div role="cell" className={classes['last']}>
        {lastRun === null ? (
          <Text size="sm" c="dimmed">
            never ran
          </Text>
        ) : (
          <Link to={`/runs/${lastRun.id}`} className={classes['run']} aria-label={`Last run, ${lastRun.status}`}>
            <StatusBadge status={lastRun.status} />
            <When time={lastRun.startedAt} />
          </Link>
        )}
      </div>
      <div role="cell" className={classes['rate']}>
        <SuccessRate {...lastWeek} />
      </div>
      <div role="cell" className={classes['acts']}>
        <FlowActs flow={flow} />
      </div>
    </div>
  );
}

function FlowActs({ flow }: { flow: Flow }): ReactNode {
  const { id, name, status } = flow;
  const acts = useFlowActs(flow);
  const navigate = useNavigate();
  const active = status === 'running' || status === 'paused';
  return (
    <>
      {status === 'running' && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerStop size={15} aria-hidden="true" />}
          loading={acts.stop.isPending}
          aria-label={`Stop ${name}`}
          onClick={() => acts.stop.mutate()}
        >
          Stop
        </Button>
      )}
      {status === 'paused' && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerPlay size={15} aria-hidden="true" />}
          loading={acts.resume.isPending}
          aria-label={`Resume ${name}`}
          onClick={() => acts.resume.mutate()}
        >
          Resume
        </Button>
      )}
      {status === 'stopped' && (
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={15} aria-hidden="true" />}
          loading={acts.start.isPending}
          aria-label={`Start ${name}`}
          onClick={() => acts.start.mutate()}
        >
          Start
        </Button>
      )}
      <Menu position="bottom-end" shadow="md" width={230} withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`More for ${name}`}>
            <IconDots size={18} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component={Link}
            to={runsPath({ flowId: id })}
            leftSection={<IconActivity size={16} aria-hidden="true" />}
          >
            Show runs
          </Menu.Item>
          {status === 'running' && (
            <Menu.Item
              leftSection={<IconPlayerPause size={16} aria-hidden="true" />}
              onClick={() => acts.pause.mutate()}
            >
              Pause
            </Menu.Item>
          )}
          {status === 'paused' && (
            <Menu.Item leftSection={<IconPlayerStop size={16} aria-hidden="true" />} onClick={() => acts.stop.mutate()}>
              Stop
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconCopy size={16} aria-hidden="true" />}
            onClick={() => acts.copy.mutate(undefined, { onSuccess: (copy) => void navigate(`/flows/${copy.id}`) })}
          >
            Copy
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload size={16} aria-hidden="true" />} onClick={() => acts.download.mutate()}>
            Export as JSON
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            disabled={active}
            leftSection={<IconTrash size={16} aria-hidden="true" />}
            onClick={() => acts.remove.mutate()}
          >
            {active ? 'Delete (stop it first)' : 'Delete'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
