import { Anchor, Paper, Text, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { FailingFlow } from '../../api/schema.generated.js';
import { NameLink } from '../../ui/name-link.js';
import { When } from '../../ui/when.js';
import { rateWords } from '../flows/success-rate.js';
import { runsPath } from '../runs/run-filter.js';
import classes from './dashboard.module.css';
import type { Span } from './span.js';

/** The flows that failed most, with the last reason. */
export function FailingFlows({ flows, span }: { flows: readonly FailingFlow[]; span: Span }): ReactNode {
  return (
    <Paper component="section" withBorder radius="md" p="md" aria-labelledby="failing-flows">
      <div className={classes['chart-head']}>
        <Title order={2} size="h4" id="failing-flows">
          Failing flows
        </Title>
        {flows.length > 0 && (
          <Anchor component={Link} to="/incidents" size="sm">
            Incidents
          </Anchor>
        )}
      </div>
      {flows.length === 0 && (
        <div className={classes['calm']}>
          <IconCircleCheck size={20} aria-hidden="true" />
          <Text size="sm">No flow has failed in the last {span.words}.</Text>
        </div>
      )}
      <ul className={classes['failing']}>
        {flows.map(({ flowId, name, failed, rate, lastError }) => (
          <li key={flowId}>
            <div className={classes['failing-head']}>
              <NameLink to={`/flows/${flowId}`}>{name}</NameLink>
              <Anchor
                component={Link}
                to={runsPath({ flowId, statuses: ['failed'] })}
                size="sm"
                className={classes['count'] ?? ''}
              >
                {failed.toLocaleString('en')} failed ({rateWords(rate)})
              </Anchor>
            </div>
            {lastError !== null && (
              <Link to={`/runs/${lastError.runId}`} className={classes['error']}>
                <span className={classes['error-words']}>{lastError.message}</span>
                <When time={lastError.failedAt} />
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Paper>
  );
}
