import { Group, Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Component } from '../../api/schema.generated.js';
import { NameText } from '../../ui/name-text.js';
import { StatusBadge } from '../../ui/status-badge.js';
import classes from './component-card.module.css';

/** A component in the catalogue: all of the card leads to its page. */
export function ComponentCard({ component }: { component: Component }): ReactNode {
  const { name, title, description, version, status, operations } = component;
  const triggers = operations.filter(({ kind }) => kind === 'trigger').length;
  const actions = operations.length - triggers;
  return (
    <Paper withBorder p="md" radius="md" className={classes['card'] ?? ''}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        <Title order={2} size="h4">
          <Link to={`/components/${encodeURIComponent(name)}`} className={classes['link']}>
            <NameText>{title}</NameText>
          </Link>
        </Title>
        <StatusBadge status={status} />
      </Group>
      <Text size="sm" c="dimmed" mt={4} lineClamp={3} component="div">
        <bdi>{description}</bdi>
      </Text>
      <Text size="xs" c="dimmed" className={classes['counts'] ?? ''}>
        {count(triggers, 'trigger')} · {count(actions, 'action')} · version <bdi>{version}</bdi>
      </Text>
    </Paper>
  );
}

function count(number: number, word: string): string {
  return `${number === 0 ? 'no' : number} ${word}${number === 1 ? '' : 's'}`;
}
