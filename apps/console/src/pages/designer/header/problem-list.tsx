import { Button, Popover, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Component } from '../../../api/schema.generated.js';
import { useDraft } from '../draft/use-draft.js';
import { problemCount } from '../steps/step-signs.js';
import { titleOf } from '../steps/step-view.js';
import classes from './problem-list.module.css';

export interface ProblemListProps {
  components: ReadonlyMap<string, Component>;
  opened: boolean;
  onChange: (opened: boolean) => void;
  /** Leads to what concerns the whole flow rather than a step. */
  onSettings: () => void;
}

/** What keeps the draft from being published; each entry leads to the field where it is to be mended. */
export function ProblemList({ components, opened, onChange, onSettings }: ProblemListProps): ReactNode {
  const { draft, problems, select } = useDraft();
  if (problems.length === 0) return null;
  const nameOf = (stepId: string): string => {
    const at = draft.steps.findIndex(({ id }) => id === stepId);
    const step = draft.steps[at];
    return step ? titleOf(step, components, at === 0) : stepId;
  };
  return (
    <Popover opened={opened} onChange={onChange} position="bottom-start" width={380} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconAlertTriangle size={16} aria-hidden="true" />}
          onClick={() => onChange(!opened)}
          aria-expanded={opened}
        >
          {problemCount(problems.length)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Problems of the draft" className={classes['box'] ?? ''}>
        <Text size="sm" mb="xs">
          To be mended before the draft can be published:
        </Text>
        <Stack gap={2} component="ul" className={classes['list'] ?? ''}>
          {problems.map(({ stepId, field, code, message }) => (
            <li key={`${stepId ?? ''} ${field} ${code} ${message}`}>
              <UnstyledButton
                className={classes['problem'] ?? ''}
                onClick={() => {
                  onChange(false);
                  if (stepId !== null) select(stepId, field);
                  else if (field.startsWith('/settings')) onSettings();
                }}
              >
                {stepId !== null && <strong>{nameOf(stepId)}: </strong>}
                {message}
              </UnstyledButton>
            </li>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
