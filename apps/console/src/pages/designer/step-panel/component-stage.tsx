import { Button, Group, Stack, Text, TextInput, Title, VisuallyHidden } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { Component } from '../../../api/schema.generated.js';
import { StatusBadge } from '../../../ui/status-badge.js';
import { findComponents } from './find-components.js';
import { StageButtons } from './stage-buttons.js';
import { useStep } from './step-context.js';
import { operationsFor } from './stages.js';
import classes from './step-panel.module.css';

export interface ComponentStageProps {
  components: readonly Component[];
  onDone: () => void;
}

/** Choosing the component. Choosing another one than before empties the rest of the step; undo brings it back. */
export function ComponentStage({ components, onDone }: ComponentStageProps): ReactNode {
  const { step, isTrigger, component: chosen, shown, change } = useStep();
  const [search, setSearch] = useState('');
  const found = findComponents(components, isTrigger, search);
  const choose = (component: Component): void => {
    if (component.name !== step.component) {
      const [only, ...others] = operationsFor(component, isTrigger);
      change(({ id, name, note }) => ({
        id,
        component: component.name,
        ...(only && others.length === 0 && { operation: only.name }),
        ...(name !== undefined && { name }),
        ...(note !== undefined && { note }),
      }));
    }
    onDone();
  };
  return (
    <Stack gap="md">
      <TextInput
        label="Find a component"
        placeholder={isTrigger ? 'Such as webhook' : 'Such as petstore'}
        leftSection={<IconSearch size={16} />}
        data-autofocus
        autoFocus
        data-pointer="/component"
        value={search}
        error={shown.get('/component')}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first, ...others] = found;
          if (event.key === 'Enter' && first && others.length === 0) choose(first);
        }}
      />
      <VisuallyHidden role="status">{found.length} components found</VisuallyHidden>
      {found.length === 0 && (
        <Text size="sm" c="dimmed">
          {search.trim() === ''
            ? `No component has announced itself that offers ${isTrigger ? 'triggers' : 'actions'}.`
            : `Nothing fits “${search.trim()}”. ${isTrigger ? 'Only components with triggers can begin a flow.' : ''}`}
        </Text>
      )}
      {found.map((component) => (
        <article
          key={component.name}
          className={classes['card']}
          aria-label={component.title}
          {...(component.name === chosen?.name && { 'data-chosen': true })}
        >
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Title order={3} size="h5">
              {component.title}
            </Title>
            {component.status === 'away' && <StatusBadge status="away" />}
          </Group>
          <Text size="sm" c="dimmed">
            {component.description}
          </Text>
          <Button
            size="xs"
            variant={component.name === chosen?.name ? 'filled' : 'light'}
            style={{ alignSelf: 'flex-start' }}
            onClick={() => choose(component)}
          >
            Choose {component.title}
          </Button>
        </article>
      ))}
      {chosen && <StageButtons onContinue={onDone} />}
    </Stack>
  );
}
