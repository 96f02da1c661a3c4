import { Paper, Text, Title, Tooltip, VisuallyHidden } from '@mantine/core';
import type { KeyboardEvent, ReactNode } from 'react';
import { Link } from 'react-router';
import type { Dashboard } from '../../api/schema.generated.js';
import { runsPath } from '../runs/run-filter.js';
import classes from './dashboard.module.css';
import { axisEnd, bucketWords, type Span } from './span.js';

type Bucket = Dashboard['buckets'][number];

const outcomes = ['succeeded', 'failed', 'cancelled', 'duplicate', 'open'] as const;
const names: Readonly<Record<(typeof outcomes)[number], string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  duplicate: 'duplicate',
  open: 'not ended',
};

/** Runs over time by outcome. Each column leads to its runs; arrow keys go from column to column. A table says the same. */
export function RunsChart({ dashboard, span }: { dashboard: Dashboard; span: Span }): ReactNode {
  const { buckets, bucketSeconds } = dashboard;
  const end = axisEnd(Math.max(0, ...buckets.map(total)));
  const shown = outcomes.filter(
    (outcome) => outcome === 'succeeded' || outcome === 'failed' || dashboard.totals[outcome] > 0,
  );
  const last = buckets.findLastIndex((bucket) => total(bucket) > 0);
  const every = Math.max(1, Math.ceil(buckets.length / 6));
  return (
    <Paper component="section" withBorder radius="md" p="md" aria-labelledby="runs-over-time">
      <div className={classes['chart-head']}>
        <Title order={2} size="h4" id="runs-over-time">
          Runs over time
        </Title>
        <ul className={classes['legend']}>
          {shown.map((outcome) => (
            <li key={outcome}>
              <span className={classes['sample']} data-outcome={outcome} aria-hidden="true" />
              {names[outcome]}
            </li>
          ))}
        </ul>
      </div>
      <div className={classes['plot']}>
        <div className={classes['scale']} aria-hidden="true">
          {[end, end / 2, 0].map((value) => (
            <span key={value}>{value.toLocaleString('en')}</span>
          ))}
        </div>
        <div className={classes['columns']} role="group" aria-label={`Runs in the last ${span.words}`}>
          {buckets.map((bucket, index) => (
            <Tooltip
              key={bucket.at}
              label={<Words bucket={bucket} seconds={bucketSeconds} />}
              events={{ hover: true, focus: true, touch: false }}
            >
              <Link
                className={classes['column']}
                to={runsPath({
                  from: bucket.at,
                  to: new Date(Date.parse(bucket.at) + bucketSeconds * 1_000).toISOString(),
                })}
                tabIndex={index === (last === -1 ? buckets.length - 1 : last) ? 0 : -1}
                aria-label={`${bucketWords(bucket.at, bucketSeconds)}: ${outcomeWords(bucket) || 'no runs'}`}
                onKeyDown={goOn}
              >
                {outcomes.map(
                  (outcome) =>
                    bucket[outcome] > 0 && (
                      <span
                        key={outcome}
                        className={classes['part']}
                        data-outcome={outcome}
                        style={{ height: `${(bucket[outcome] / end) * 100}%` }}
                      />
                    ),
                )}
              </Link>
            </Tooltip>
          ))}
        </div>
        <div className={classes['times']} aria-hidden="true">
          {buckets.map(({ at }, index) =>
            index % every === 0 && index < buckets.length - every / 2 ? (
              <span key={at} style={{ insetInlineStart: `${(index / buckets.length) * 100}%` }}>
                {bucketWords(at, bucketSeconds)}
              </span>
            ) : null,
          )}
        </div>
      </div>
      <Table dashboard={dashboard} span={span} />
    </Paper>
  );
}

function Words({ bucket, seconds }: { bucket: Bucket; seconds: number }): ReactNode {
  return (
    <>
      <Text size="xs" fw={600}>
        {bucketWords(bucket.at, seconds)}
      </Text>
      <Text size="xs">{outcomeWords(bucket) || 'no runs'}</Text>
    </>
  );
}

function Table({ dashboard: { buckets, bucketSeconds }, span }: { dashboard: Dashboard; span: Span }): ReactNode {
  return (
    <VisuallyHidden>
      <table>
        <caption>Runs in the last {span.words} by outcome</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {outcomes.map((outcome) => (
              <th key={outcome} scope="col">
                {names[outcome]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets
            .filter((bucket) => total(bucket) > 0)
            .map((bucket) => (
              <tr key={bucket.at}>
                <th scope="row">{bucketWords(bucket.at, bucketSeconds)}</th>
                {outcomes.map((outcome) => (
                  <td key={outcome}>{bucket[outcome]}</td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </VisuallyHidden>
  );
}

function goOn(event: KeyboardEvent<HTMLAnchorElement>): void {
  const by = { ArrowRight: 'nextElementSibling', ArrowLeft: 'previousElementSibling' }[event.key];
  if (by === undefined) return;
  const next = event.currentTarget[by as 'nextElementSibling'];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}

function outcomeWords(bucket: Bucket): string {
  return outcomes
    .filter((outcome) => bucket[outcome] > 0)
    .map((outcome) => `${bucket[outcome].toLocaleString('en')} ${names[outcome]}`)
    .join(', ');
}

function total(bucket: Bucket): number {
  return outcomes.reduce((sum, outcome) => sum + bucket[outcome], 0);
}
