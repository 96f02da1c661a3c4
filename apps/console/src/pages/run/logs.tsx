import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Run, StepLog, StepRun } from '../../api/schema.generated.js';
import { JsonView } from '../../ui/json-view.js';
import { LoadingRows } from '../../ui/loading.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import classes from './run.module.css';
import { elidedPart, usePayload } from './use-payload.js';

/** What a step run wrote into its log. */
export function Logs({ run, step }: { run: Run; step: StepRun }): ReactNode {
  const left = elidedPart(step, 'logs');
  const whole = usePayload({ run, step, part: 'logs' }, left !== undefined);
  if (whole.isError) return <ProblemAlert error={whole.error} onRetry={() => whole.refetch()} />;
  if (left !== undefined && whole.data === undefined) return <LoadingRows count={3} label="Loading the log" />;
  const logs = (whole.data as StepLog[] | undefined) ?? step.logs;
  if (logs.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        It logged nothing.
      </Text>
    );
  }
  return (
    <ol className={classes['logs']} aria-label="Log of the step" tabIndex={0}>
      {logs.map((entry, index) => (
        <li key={index} data-level={entry.level}>
          <span className={classes['log-head']}>
            <time dateTime={entry.time}>{clockTime(entry.time)}</time>
            <span className={classes['level']}>{entry.level}</span>
            <span className={classes['text']}>{entry.message}</span>
          </span>
          {hasFields(entry.fields) && (
            <details className={classes['detail']}>
              <summary>Fields</summary>
              <JsonView value={entry.fields} label={`Fields of log entry ${index + 1}`} maxHeight={200} />
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}

function hasFields(fields: unknown): boolean {
  return typeof fields === 'object' && fields !== null && Object.keys(fields).length > 0;
}

function clockTime(iso: string): string {
  const time = new Date(iso);
  const clock = time.toLocaleTimeString(undefined, { hour12: false });
  return `${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
