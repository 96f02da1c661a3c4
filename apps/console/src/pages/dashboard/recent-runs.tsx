import { Anchor, Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useFlowNames } from '../../api/flow-names.js';
import type { RunSummary } from '../../api/schema.generated.js';
import { NameLink } from '../../ui/name-link.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { durationWords } from '../../ui/time-words.js';
import { When } from '../../ui/when.js';
import classes from './dashboard.module.css';

/** The newest runs, as they come. The name of the flow opens the run. */
export function RecentRuns({ runs }: { runs: readonly RunSummary[] }): ReactNode {
  const { nameOf } = useFlowNames(runs.map(({ flowId }) => flowId));
  return (
    <Paper component="section" withBorder radius="md" aria-labelledby="recent-runs">
      <div className={`${classes['chart-head']} ${classes['padded']}`}>
        <Title order={2} size="h4" id="recent-runs">
          Recent runs
        </Title>
        <Anchor component={Link} to="/runs" size="sm">
          All runs
        </Anchor>
      </div>
      <ul className={classes['recent']} aria-live="polite" aria-relevant="additions">
        {runs.map(({ id, flowId, status, startedAt, finishedAt, requestId }) => (
          <li key={id}>
            <StatusBadge status={status} />
            <div className={classes['name']}>
              <NameLink to={`/runs/${id}`}>{nameOf(flowId)}</NameLink>
            </div>
            <span className={classes['took']}>
              {finishedAt === null ? '' : durationWords(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)))}
            </span>
            <span className={classes['id']}>…{requestId.slice(-12)}</span>
            <When time={startedAt} />
          </li>
        ))}
      </ul>
    </Paper>
  );
}
