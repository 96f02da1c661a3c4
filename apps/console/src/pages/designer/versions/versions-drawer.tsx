import { Badge, Button, Drawer, Group, Paper, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import { useCurrentSession } from '../../../api/session.js';
import type { Component, FlowVersionSummary } from '../../../api/schema.generated.js';
import { LoadingRows } from '../../../ui/loading.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { When } from '../../../ui/when.js';
import { useDraft } from '../draft/use-draft.js';
import { RestoreButton } from './restore-button.js';
import { VersionDifference } from './version-difference.js';

export interface VersionsDrawerProps {
  opened: boolean;
  onClose: () => void;
  components: ReadonlyMap<string, Component>;
}

/** The published versions of the flow, newest first. */
export function VersionsDrawer({ opened, onClose, components }: VersionsDrawerProps): ReactNode {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title="Versions"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened && <Versions components={components} onRestored={onClose} />}
    </Drawer>
  );
}

function Versions({
  components,
  onRestored,
}: {
  components: ReadonlyMap<string, Component>;
  onRestored: () => void;
}): ReactNode {
  const { flow } = useDraft();
  const versions = useInfiniteQuery({
    queryKey: [keys.flows, 'versions', flow.id],
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        api.GET('/v1/flows/{flowId}/versions', {
          params: { path: { flowId: flow.id }, query: pageParam === null ? {} : { cursor: Number(pageParam) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  if (versions.isError) return <ProblemAlert error={versions.error} onRetry={() => versions.refetch()} />;
  if (!versions.data) return <LoadingRows count={3} />;
  const items = versions.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <Text c="dimmed">
        Nothing is published yet. “Publish draft” makes version 1, and each later one can be restored from here.
      </Text>
    );
  }
  return (
    <Stack>
      {items.map((version) => (
        <VersionCard key={version.id} version={version} components={components} onRestored={onRestored} />
      ))}
      {versions.hasNextPage && (
        <Button variant="default" loading={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Stack>
  );
}

function VersionCard({
  version,
  components,
  onRestored,
}: {
  version: FlowVersionSummary;
  components: ReadonlyMap<string, Component>;
  onRestored: () => void;
}): ReactNode {
  const { flow } = useDraft();
  const { user } = useCurrentSession();
  const [shown, setShown] = useState(false);
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text fw={600}>Version {version.number}</Text>
          {version.number === flow.publishedVersion && <Badge variant="light">Published</Badge>}
          <Text size="sm" c="dimmed" component="div">
            <When time={version.createdAt} />
            {version.createdBy === user.id && ' by you'}
          </Text>
        </Group>
        <Group gap="xs">
          <Button size="xs" variant="default" aria-expanded={shown} onClick={() => setShown(!shown)}>
            Difference to the draft
          </Button>
          <RestoreButton number={version.number} onRestored={onRestored} />
        </Group>
      </Group>
      {shown && <VersionDifference number={version.number} components={components} />}
    </Paper>
  );
}
