import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export interface PageHeaderProps {
  /** The page's one h1, and its title in the browser. */
  title: string;
  /** A sentence that says what the page is for. */
  description?: ReactNode;
  /** Shown beside the title, such as a status. */
  badge?: ReactNode;
  /** What can be done here, the first thing first. */
  actions?: ReactNode;
}

/** The head of every page. */
export function PageHeader({ title, description, badge, actions }: PageHeaderProps): ReactNode {
  return (
    <Group component="header" justify="space-between" align="flex-start" gap="md" mb="lg">
      <title>{`${title} · Millrace`}</title>
      <Stack gap={4} miw={0} flex="1 1 260px">
        <Group gap="sm" wrap="nowrap">
          <Title order={1} size="h2" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {badge}
        </Group>
        {description !== undefined && (
          <Text c="dimmed" maw="70ch" component="div" style={{ overflowWrap: 'anywhere', textWrap: 'pretty' }}>
            {description}
          </Text>
        )}
      </Stack>
      {actions !== undefined && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
