import { Button, Chip, Group, Paper, Select, Stack, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFilterOff, IconSearch } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useFlowNames } from '../../api/flow-names.js';
import { isFiltered, isoTime, localTime, runStatuses, type RunFilter } from './run-filter.js';
import classes from './runs.module.css';

export interface RunFilterBarProps {
  filter: RunFilter;
  onChange: (filter: RunFilter) => void;
}

const typingMs = 250;

/** What narrows the list of runs. Everything chosen stands in the address. */
export function RunFilterBar({ filter, onChange }: RunFilterBarProps): ReactNode {
  const { flows } = useFlowNames();
  const options = flows.map(({ id, name }) => ({ value: id, label: name }));
  if (filter.flowId !== undefined && !flows.some(({ id }) => id === filter.flowId)) {
    options.push({ value: filter.flowId, label: `Flow …${filter.flowId.slice(-6)}` });
  }
  return (
    <Paper component="search" withBorder p="sm" radius="md" mb="md" aria-label="Filter the runs">
      <Stack gap="sm">
        <div className={classes['filters']}>
          <SearchField value={filter.q ?? ''} onChange={(q) => onChange({ ...filter, q: q || undefined })} />
          <Select
            label="Flow"
            placeholder="All flows"
            data={options}
            value={filter.flowId ?? null}
            onChange={(flowId) => onChange({ ...filter, flowId: flowId ?? undefined })}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': 'All flows' }}
            nothingFoundMessage="No such flow"
            limit={200}
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

/** Keeps what is being typed and tells it after a moment of rest. */
function SearchField({ value, onChange }: { value: string; onChange: (text: string) => void }): ReactNode {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const [told, setTold] = useState(value);
  const tell = useDebouncedCallback((typed: string) => {
    setTold(typed);
    onChange(typed);
  }, typingMs);
  // The address was changed by something else than this field: Back, a link or "Show all runs".
  if (value !== seen) {
    setSeen(value);
    if (value !== told.trim()) {
      setText(value);
      setTold(value);
    }
  }
  return (
    <TextInput
      label="Search"
      placeholder="Request id, or text of an error"
      leftSection={<IconSearch size={16} aria-hidden="true" />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}
