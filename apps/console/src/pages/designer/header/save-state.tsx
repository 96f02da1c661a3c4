import { Button, Group, Text } from '@mantine/core';
import { IconAlertCircle, IconCloudCheck, IconCloudUp, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { SaveState as State } from '../draft/autosave.js';
import { useDraft } from '../draft/use-draft.js';
import { saveWords } from './save-words.js';

const signs: Readonly<Record<State, Icon>> = {
  saved: IconCloudCheck,
  saving: IconCloudUp,
  unsaved: IconCloudUp,
  conflict: IconAlertCircle,
  failed: IconAlertCircle,
};

/** Whether what is on the screen is saved. */
export function SaveState(): ReactNode {
  const { saveState, saveProblem, saveNow } = useDraft();
  const Sign = signs[saveState];
  const isWrong = saveState === 'failed' || saveState === 'conflict';
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <Sign size={16} aria-hidden="true" style={{ flex: 'none' }} />
      <Text
        size="sm"
        c={isWrong ? 'var(--mantine-color-text)' : 'dimmed'}
        fw={isWrong ? 600 : 400}
        role="status"
        style={{ overflowWrap: 'anywhere' }}
      >
        {saveWords({ saveState, saveProblem })}
      </Text>
      {saveState === 'failed' && (
        <Button size="compact-xs" variant="default" flex="none" onClick={() => void saveNow()}>
          Try again
        </Button>
      )}
    </Group>
  );
}
