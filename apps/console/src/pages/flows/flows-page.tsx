import { Button, Chip, Group, Paper, Text, TextInput } from '@mantine/core';
import { IconPlus, IconRoute, IconSearch, IconUpload } from '@tabler/icons-react';
import { useRef, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingRows } from '../../ui/loading.js';
import { MoreRows } from '../../ui/more-rows.js';
import { NothingFits } from '../../ui/nothing-fits.js';
import { notifyProblem } from '../../ui/notify-problem.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { useAddressFilter } from '../../ui/use-address-filter.js';
import { HelpLink } from '../help/help-link.js';
import { useTypedText } from '../shared/use-typed-text.js';
import { FlowTable } from './flow-table.js';
import classes from './flows.module.css';
import { ImportDrop } from './import-drop.js';
import { useImportFlow } from './import-flow.js';
import { flowStatuses, useAddFlow, useFlows } from './use-flows.js';

const filterNames = ['q', 'status'] as const;

/** All flows of the workspace. Search and status stand in the address. */
export function FlowsPage(): ReactNode {
  const filter = useAddressFilter(filterNames);
  const q = filter.values.q.trim();
  const given = filter.values.status.split(',');
  const statuses = flowStatuses.filter((status) => given.includes(status));
  const [text, setText] = useTypedText(q, (typed) => filter.change({ q: typed.trim() }));
  const list = useFlows({ q, statuses });
  const flows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = q !== '' || statuses.length > 0;
  const navigate = useNavigate();
  const add = useAddFlow();
  const importing = useImportFlow();
  const chooser = useRef<HTMLInputElement>(null);
  const addFlow = (): void => {
    add.mutate(undefined, { onSuccess: ({ id }) => void navigate(`/flows/${id}`), onError: notifyProblem });
  };
  const addButton = (
    <Button leftSection={<IconPlus size={16} aria-hidden="true" />} loading={add.isPending} onClick={addFlow}>
      Add new flow
    </Button>
  );
  return (
    <ImportDrop onFiles={importing.read}>
      <PageHeader
        title="Flows"
        description="Each flow begins with a webhook or a schedule; what comes in goes from step to step."
        actions={
          <>
            {addButton}
            <Button
              variant="default"
              leftSection={<IconUpload size={16} aria-hidden="true" />}
              loading={importing.isPending}
              onClick={() => chooser.current?.click()}
            >
              Import
            </Button>
            <input
              ref={chooser}
              type="file"
              accept="application/json,.json"
              multiple
              hidden
              aria-label="File of a flow"
              onChange={(event) => {
                importing.read([...(event.currentTarget.files ?? [])]);
                event.currentTarget.value = '';
              }}
            />
          </>
        }
      />
      {importing.outcome}
      <Paper component="search" withBorder p="sm" radius="md" mb="md" aria-label="Filter the flows">
        <Group gap="md" align="flex-end">
          <TextInput
            className={classes['search'] ?? ''}
            label="Search"
            placeholder="Name or id of a flow"
            leftSection={<IconSearch size={16} aria-hidden="true" />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Chip.Group multiple value={statuses} onChange={(chosen) => filter.change({ status: chosen.join(',') })}>
            <Group gap={6} role="group" aria-label="Status" mih={36}>
              {flowStatuses.map((status) => (
                <Chip key={status} value={status} size="xs" variant="outline">
                  {status}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </Group>
      </Paper>
      {list.isPending && <LoadingRows label="Loading the flows" />}
      {list.isError && !list.data && <ProblemAlert error={list.error} onRetry={() => list.refetch()} />}
      {list.data && flows.length === 0 && filtered && (
        <NothingFits
          title="No flow matches"
          icon={<IconRoute size={28} />}
          showAll="Show all flows"
          onShowAll={filter.clear}
        >
          Search for another name, or choose another status.
        </NothingFits>
      )}
      {list.data && flows.length === 0 && !filtered && (
        <EmptyState
          title="No flows yet"
          icon={<IconRoute size={28} />}
          action={
            <>
              {addButton}
              <Button variant="default" component={Link} to="/tutorial">
                Start the tutorial
              </Button>
            </>
          }
        >
          A flow takes what comes in and hands it on to other systems, step by step. Files of flows can be dropped here,
          too. <HelpLink topic="words">The words of Millrace</HelpLink>
        </EmptyState>
      )}
      {flows.length > 0 && <FlowTable flows={flows} isStale={list.isPlaceholderData} />}
      <MoreRows query={list} />
      {flows.length > 0 && !list.hasNextPage && (
        <Text size="xs" c="dimmed" mt="xs">
          {flows.length === 1 ? '1 flow' : `${flows.length} flows`}
        </Text>
      )}
    </ImportDrop>
  );
}
