import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFlowNames } from '../../api/flow-names.js';

export interface FlowSelectProps {
  /** An empty text for all flows. */
  value: string;
  onChange: (flowId: string) => void;
}

/** Narrows a list to one flow; one that was deleted stays to be chosen. */
export function FlowSelect({ value, onChange }: FlowSelectProps): ReactNode {
  const { flows } = useFlowNames();
  const options = flows.map(({ id, name }) => ({ value: id, label: name }));
  if (value !== '' && !flows.some(({ id }) => id === value)) {
    options.push({ value, label: `Flow …${value.slice(-6)}` });
  }
  return (
    <Select
      label="Flow"
      placeholder="All flows"
      data={options}
      value={value === '' ? null : value}
      onChange={(flowId) => onChange(flowId ?? '')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'All flows' }}
      nothingFoundMessage="No such flow"
      limit={200}
    />
  );
}
