import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import { IconDatabase } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { DataPicker } from './data-picker.js';

export interface ValuePickerProps {
  /** Of the field. */
  label: string;
  onPick: (expression: string) => void;
}

/** The button beside a field that opens the data of the steps before. */
export function ValuePicker({ label, onPick }: ValuePickerProps): ReactNode {
  const [opened, setOpened] = useState(false);
  const name = `Choose value for ${label}`;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      width="min(380px, 92vw)"
      position="bottom-end"
      withinPortal
      trapFocus
      returnFocus
      shadow="md"
    >
      <Popover.Target>
        <Tooltip label={name}>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={name}
            aria-haspopup="dialog"
            onClick={() => setOpened((before) => !before)}
          >
            <IconDatabase size={18} aria-hidden="true" />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label={name}>
        <DataPicker
          autoFocus
          onPick={(expression) => {
            onPick(expression);
            setOpened(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
