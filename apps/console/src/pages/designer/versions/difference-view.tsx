import { Code, List, Text } from '@mantine/core';
import type { FlowDifference } from '@millrace/flow-model';
import type { ReactNode } from 'react';
import { differenceLines, type DifferenceLine } from './difference-words.js';

export interface DifferenceViewProps {
  difference: FlowDifference;
  titleOf: (stepId: string) => string;
  /** What is said when nothing differs. */
  same: string;
}

const words: Readonly<Record<DifferenceLine['change'], string>> = {
  added: 'New',
  removed: 'Deleted',
  changed: 'Changed',
};

/** What differs between two definitions of a flow, in words. */
export function DifferenceView({ difference, titleOf, same }: DifferenceViewProps): ReactNode {
  const lines = differenceLines(difference, titleOf);
  if (lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {same}
      </Text>
    );
  }
  return (
    <List size="sm" spacing={4} style={{ overflowWrap: 'anywhere' }}>
      {lines.map(({ key, change, subject, fields }) => (
        <List.Item key={`${key} ${change}`}>
          <strong>{words[change]}:</strong> {subject}
          {fields.map(({ name, before, after }) => (
            <Text key={name} size="xs" component="div">
              {name}: {before === undefined ? 'nothing' : <Code>{before}</Code>} →{' '}
              {after === undefined ? 'nothing' : <Code>{after}</Code>}
            </Text>
          ))}
        </List.Item>
      ))}
    </List>
  );
}
