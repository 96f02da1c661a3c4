import { Alert, Button, DataList, Group, NumberInput, Paper, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { ChangeWorkspace, Workspace } from '../../api/schema.generated.js';
import { askFirst } from '../../ui/ask-first.js';
import { fieldFault } from '../../ui/field-fault.js';
import { ListState } from '../../ui/list-state.js';
import { NameText } from '../../ui/name-text.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';

const workspaceKey = [keys.workspace, 'current'] as const;

export function WorkspacePage(): ReactNode {
  const query = useQuery({
    queryKey: workspaceKey,
    queryFn: ({ signal }) => unwrap(api.GET('/v1/workspace', { signal })),
  });
  return (
    <>
      <PageHeader title="Workspace" description="Settings that hold for everything in it." />
      <ListState query={query} what="workspace">
        {query.data && <Settings workspace={query.data} />}
      </ListState>
    </>
  );
}

function Settings({ workspace }: { workspace: Workspace }): ReactNode {
  const client = useQueryClient();
  const [days, setDays] = useState<number | string>(workspace.retentionDays);
  const change = useMutation({
    mutationFn: (body: ChangeWorkspace) => unwrap(api.PATCH('/v1/workspace', { body })),
    onSuccess: (changed) => client.setQueryData(workspaceKey, changed),
  });
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const retentionDays = Number(days);
    if (retentionDays >= workspace.retentionDays) change.mutate({ retentionDays });
    else {
      askFirst({
        title: `Keep runs for ${retentionDays} ${retentionDays === 1 ? 'day' : 'days'} only?`,
        body: `Ended runs that are older go for good within some hours, with their data. They are kept for ${workspace.retentionDays} days now.`,
        confirm: 'Save',
        onConfirm: () => change.mutate({ retentionDays }),
      });
    }
  };
  return (
    <Stack gap="lg" maw={640}>
      <Paper component="section" withBorder p="lg" aria-label="About">
        <DataList labelWidth="100px">
          <DataList.Item>
            <DataList.ItemLabel>Name</DataList.ItemLabel>
            <DataList.ItemValue miw={0}>
              <NameText>{workspace.name}</NameText>
            </DataList.ItemValue>
          </DataList.Item>
          <DataList.Item>
            <DataList.ItemLabel>Id</DataList.ItemLabel>
            <DataList.ItemValue miw={0} style={{ overflowWrap: 'anywhere' }}>
              {workspace.id}
            </DataList.ItemValue>
          </DataList.Item>
        </DataList>
      </Paper>
      <Paper component="section" withBorder p="lg" aria-labelledby="retention">
        <Title order={2} size="h4" mb="sm" id="retention">
          How long runs are kept
        </Title>
        <form onSubmit={save} aria-label="How long runs are kept">
          <Stack>
            {change.isSuccess && (
              <Alert role="status" color="green" title="Saved" icon={<IconCircleCheck aria-hidden="true" />}>
                Runs are kept for {change.data.retentionDays} days after their end.
              </Alert>
            )}
            <ProblemAlert error={change.error} shownPointers={['/retentionDays']} />
            <NumberInput
              label="Days"
              description="Runs that have not ended are kept in any case"
              required
              min={1}
              max={3650}
              allowDecimal={false}
              allowNegative={false}
              maw={220}
              value={days}
              error={fieldFault(change.error, '/retentionDays')}
              onChange={setDays}
            />
            <Text size="sm" c="dimmed">
              Flows, credentials, samples and the audit do not depend on it.
            </Text>
            <Group>
              <Button type="submit" loading={change.isPending} disabled={Number(days) === workspace.retentionDays}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
    </Stack>
  );
}
