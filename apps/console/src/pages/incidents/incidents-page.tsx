import { Input, Paper, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconMoodSmile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingRows } from '../../ui/loading.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { useAddressFilter } from '../../ui/use-address-filter.js';
import { HelpLink } from '../help/help-link.js';
import { JobProgress } from '../runs/job-progress.js';
import { FlowSelect } from '../shared/flow-select.js';
import { groupIncidents } from './group-incidents.js';
import { IncidentCard } from './incident-card.js';
import classes from './incidents.module.css';

const dayMs = 86_400_000;
const spans: readonly { value: string; label: string; ms: number }[] = [
  { value: '1d', label: '24 hours', ms: dayMs },
  { value: '7d', label: '7 days', ms: 7 * dayMs },
  { value: '30d', label: '30 days', ms: 30 * dayMs },
];
const usual = '7d';
const filterNames = ['flow', 'span'] as const;

/** Failures of the same kind, together, so that one cause is mended once. */
export function IncidentsPage(): ReactNode {
  const { values, change } = useAddressFilter(filterNames);
  const { flow: flowId } = values;
  const span = spans.find(({ value }) => value === values.span) ?? spans.find(({ value }) => value === usual);
  const incidents = useQuery({
    queryKey: [keys.incidents, flowId, span?.value],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - (span?.ms ?? 0)).toISOString();
      const query = { from, limit: 200, ...(flowId !== '' && { flowId }) };
      return unwrap(api.GET('/v1/incidents', { params: { query }, signal }));
    },
  });
  const [jobIds, setJobIds] = useState<readonly string[]>([]);
  const groups = useMemo(() => groupIncidents(incidents.data?.items ?? []), [incidents.data]);
  return (
    <>
      <PageHeader
        title="Incidents"
        description="Failures of the same kind, together: mend the cause, then retry them all."
      />
      <Paper component="search" withBorder p="sm" radius="md" mb="md" aria-label="Filter the incidents">
        <div className={classes['filters']}>
          <FlowSelect value={flowId} onChange={(flow) => change({ flow })} />
          <div>
            <Input.Label labelElement="div" id="incident-span">
              Time
            </Input.Label>
            <SegmentedControl
              aria-labelledby="incident-span"
              data={spans.map(({ value, label }) => ({ value, label }))}
              value={span?.value ?? usual}
              onChange={(value) => change({ span: value === usual ? null : value })}
            />
          </div>
        </div>
      </Paper>
      {jobIds.map((jobId) => (
        <JobProgress key={jobId} jobId={jobId} onClose={() => setJobIds(jobIds.filter((id) => id !== jobId))} />
      ))}
      {incidents.isPending && <LoadingRows label="Loading the incidents" />}
      {incidents.isError && !incidents.data && (
        <ProblemAlert error={incidents.error} onRetry={() => incidents.refetch()} />
      )}
      {incidents.data && groups.length === 0 && (
        <EmptyState title="No incidents" icon={<IconMoodSmile size={28} />}>
          No step has failed in this time, or what failed was retried. When steps fail, they are grouped here by what
          went wrong. <HelpLink topic="problems">When something goes wrong</HelpLink>
        </EmptyState>
      )}
      <Stack component="ul" className={classes['list'] ?? ''} aria-label="Incidents">
        {groups.map((group) => (
          <li key={group.fingerprint}>
            <IncidentCard incident={group} onJob={(id) => setJobIds((before) => [...before, id])} />
          </li>
        ))}
      </Stack>
      {incidents.data?.truncated === true && (
        <Text size="sm" c="dimmed" mt="md">
          There are more: choose a shorter time, or one flow.
        </Text>
      )}
    </>
  );
}
