import { Button, Chip, Group, Paper, Stack, TextInput, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconFilterOff, IconSearch } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { FlowSelect } from '../shared/flow-select.js';
import { useTypedText } from '../shared/use-typed-text.js';
import { isFiltered, isoTime, localTime, runStatuses, type RunFilter } from './run-filter.js';
import classes from './runs.module.css';

export interface RunFilterBarProps {
  filter: RunFilter;
  onChange: (filter: RunFilter) => void;
}

/** What narrows the list of runs. Everything chosen stands in the address. */
export function RunFilterBar({ filter, onChange }: RunFilterBarProps): ReactNode {
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false });
  const [opened, setOpened] = useState(false);
  const isUsed = filter.flowId !== undefined || filter.from !== undefined || filter.to !== undefined;
  const whole = !narrow || opened || isUsed;
  return (
    <Paper component="search" withBorder p="sm" radius="md" mb="md" aria-label="Filter the runs">
      <Stack gap="sm">
        <div className={classes['filters']}>
          <SearchField value={filter.q ?? ''} onChange={(q) => onChange({ ...filter, q: q || undefined })} />
          {whole && (
            <>
              <FlowSelect
                value={filter.flowId ?? ''}
                onChange={(flowId) => onChange({ ...filter, flowId: flowId || undefined })}
              />
              <TextInput
                label="From"
                type="datetime-local"
                value={localTime(filter.from)}
                onChange={(event) => onChange({ ...filter, from: isoTime(event.currentTarget.value) })}
              />
              <TextInput
                label="To"
                type="datetime-local"
                value={localTime(filter.to)}
                onChange={(event) => onChange({ ...filter, to: isoTime(event.currentTarget.value) })}
              />
            </>
          )}
        </div>
        <Group gap="xs" justify="space-between">
          <Chip.Group multiple value={[...filter.statuses]} onChange={(statuses) => onChange({ ...filter, statuses })}>
            <Group gap={6} role="group" aria-label="Status">
              {runStatuses.map((status) => (
                <Chip key={status} value={status} size="xs" variant="outline">
                  {status}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          {!whole && (
            <Button size="compact-sm" variant="subtle" onClick={() => setOpened(true)}>
              More filters
            </Button>
          )}
          {isFiltered(filter) && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconFilterOff size={16} aria-hidden="true" />}
              onClick={() => onChange({ statuses: [] })}
            >
              Show all runs
            </Button>
          )}
        </Group>
        {(filter.stepId !== undefined || filter.errorCode !== undefined) && (
          <Group gap="xs">
            <VisuallyHidden>Also filtered by</VisuallyHidden>
            {filter.stepId !== undefined && (
              <Removable
                onRemove={() => onChange({ ...filter, stepId: undefined })}
              >{`step ${filter.stepId}`}</Removable>
            )}
            {filter.errorCode !== undefined && (
              <Removable
                onRemove={() => onChange({ ...filter, errorCode: undefined })}
              >{`error ${filter.errorCode}`}</Removable>
            )}
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

function Removable({ children, onRemove }: { children: string; onRemove: () => void }): ReactNode {
  return (
    <Chip checked size="xs" variant="light" onChange={onRemove} aria-label={`Filter ${children}; uncheck to remove it`}>
      {children}
    </Chip>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (text: string) => void }): ReactNode {
  const [text, setText] = useTypedText(value, onChange);
  return (
    <TextInput
      label="Search"
      placeholder="Request id, or text of an error"
      leftSection={<IconSearch size={16} aria-hidden="true" />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}
