import { ActionIcon, Group, Menu, Tooltip } from '@mantine/core';
import {
  IconActivity,
  IconAdjustments,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDots,
  IconVersions,
} from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { Component } from '../../../api/schema.generated.js';
import { StatusBadge } from '../../../ui/status-badge.js';
import { runsPath } from '../../runs/run-filter.js';
import { useDraft } from '../draft/use-draft.js';
import { FlowName } from './flow-name.js';
import { FlowOrders } from './flow-orders.js';
import { ProblemList } from './problem-list.js';
import { PublishButton } from './publish-button.js';
import { SaveState } from './save-state.js';

export interface DesignerHeaderProps {
  components: ReadonlyMap<string, Component>;
  onVersions: () => void;
  onSettings: () => void;
}

/** The head of the designer: the flow, whether it is saved, what is wrong in it, and what can be done with it. */
export function DesignerHeader({ components, onVersions, onSettings }: DesignerHeaderProps): ReactNode {
  const { flow } = useDraft();
  const [problemsOpened, setProblemsOpened] = useState(false);
  return (
    <Group component="header" justify="space-between" gap="sm">
      <Group gap="sm" miw={0}>
        <FlowName flow={flow} />
        <StatusBadge status={flow.status} />
        <SaveState />
      </Group>
      <Group gap="xs">
        <UndoButtons />
        <ProblemList
          components={components}
          opened={problemsOpened}
          onChange={setProblemsOpened}
          onSettings={onSettings}
        />
        <PublishButton onProblems={() => setProblemsOpened(true)} />
        <FlowOrders />
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon variant="default" size="lg" aria-label="More of this flow">
              <IconDots size={18} aria-hidden="true" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconAdjustments size={16} />} onClick={onSettings}>
              Flow settings
            </Menu.Item>
            <Menu.Item leftSection={<IconVersions size={16} />} onClick={onVersions}>
              Versions
            </Menu.Item>
            <Menu.Item leftSection={<IconActivity size={16} />} component={Link} to={runsPath({ flowId: flow.id })}>
              Runs of this flow
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Group>
  );
}

function UndoButtons(): ReactNode {
  const { undo, redo, canUndo, canRedo } = useDraft();
  return (
    <ActionIcon.Group>
      <Tooltip label="Undo (Ctrl+Z)">
        <ActionIcon variant="default" size="lg" aria-label="Undo" disabled={!canUndo} onClick={undo}>
          <IconArrowBackUp size={18} aria-hidden="true" />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo (Ctrl+Shift+Z)">
        <ActionIcon variant="default" size="lg" aria-label="Redo" disabled={!canRedo} onClick={redo}>
          <IconArrowForwardUp size={18} aria-hidden="true" />
        </ActionIcon>
      </Tooltip>
    </ActionIcon.Group>
  );
}
