import { Button, SegmentedControl } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { Dashboard } from '../../api/schema.generated.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingRows } from '../../ui/loading.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { useAddressFilter } from '../../ui/use-address-filter.js';
import classes from './dashboard.module.css';
import { FailingFlows } from './failing-flows.js';
import { Figures } from './figures.js';
import { RecentRuns } from './recent-runs.js';
import { RunsChart } from './runs-chart.js';
import { spanOf, spans, spansByLength, type Span } from './span.js';
import { TutorialCard } from '../tutorial/tutorial-card.js';

const filterNames = ['span'] as const;

/** What the flows do at the moment: how their runs ended, what fails, what waits, and the newest runs. */
export function DashboardPage(): ReactNode {
  const { values, change } = useAddressFilter(filterNames);
  const span = spanOf(values.span);
  const dashboard = useQuery({
    queryKey: [keys.runs, 'dashboard', span.value],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - span.ms).toISOString();
      return unwrap(api.GET('/v1/dashboard', { params: { query: { from } }, signal }));
    },
    placeholderData: keepPreviousData,
    // The right end of the chart moves on though nothing happens.
    refetchInterval: 60_000,
  });
  const isEmpty = dashboard.data !== undefined && dashboard.data.recentRuns.length === 0;
  return (
    <>
      <PageHeader
        title="Dashboard"
        description="What your flows do at the moment."
        actions={
          !isEmpty && (
            <SegmentedControl
              aria-label="Time"
              data={spansByLength.map(({ value, label }) => ({ value, label }))}
              value={span.value}
              onChange={(value) => change({ span: value === spans[0].value ? null : value })}
            />
          )
        }
      />
      <TutorialCard />
      {dashboard.isPending && <LoadingRows label="Loading the dashboard" />}
      {dashboard.isError && !dashboard.data && (
        <ProblemAlert error={dashboard.error} onRetry={() => dashboard.refetch()} />
      )}
      {isEmpty && <Beginning />}
      {dashboard.data && !isEmpty && <Shown dashboard={dashboard.data} span={span} />}
    </>
  );
}

function Shown({ dashboard, span }: { dashboard: Dashboard; span: Span }): ReactNode {
  return (
    <div className={classes['page']}>
      <Figures dashboard={dashboard} span={span} />
      <div className={classes['chart-and-flows']}>
        <RunsChart dashboard={dashboard} span={span} />
        <FailingFlows flows={dashboard.failingFlows} span={span} />
      </div>
      <RecentRuns runs={dashboard.recentRuns} />
    </div>
  );
}

function Beginning(): ReactNode {
  return (
    <EmptyState
      title="Nothing has run yet"
      action={
        <Button component={Link} to="/flows" leftSection={<IconPlus size={16} aria-hidden="true" />}>
          To the flows
        </Button>
      }
    >
      As soon as a flow is started and its webhook URL is called, its runs appear here.
    </EmptyState>
  );
}
