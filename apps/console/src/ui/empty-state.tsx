import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

export interface EmptyStateProps {
  /** What there is none of: "No flows yet". */
  title: string;
  /** What it is for, in a sentence or two. */
  children?: ReactNode;
  /** The next step, as a button or link. */
  action?: ReactNode;
  /** A Tabler icon, 28 px. */
  icon?: ReactNode;
}

/** Stands where there is nothing to show, and says what it is for and what to do next. */
export function EmptyState({ title, children, action, icon }: EmptyStateProps): ReactNode {
  return (
    <Paper withBorder radius="md" p="xl">
      <Stack align="center" gap="sm" py="lg">
        {icon !== undefined && (
          <div className={classes['icon']} aria-hidden="true">
            {icon}
          </div>
        )}
        <Title order={2} size="h4" ta="center">
          {title}
        </Title>
        {children !== undefined && (
          <Text c="dimmed" ta="center" maw="55ch" component="div">
            {children}
          </Text>
        )}
        {action !== undefined && <Group mt="xs">{action}</Group>}
      </Stack>
    </Paper>
  );
}
