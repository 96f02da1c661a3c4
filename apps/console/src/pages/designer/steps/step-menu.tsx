import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconArrowsSplit2,
  IconDots,
  IconFilter,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { readTree } from '@millrace/flow-model';
import { memo, type ReactNode } from 'react';
import { canMove, type Direction } from '../draft/moves.js';
import { useDraft } from '../draft/use-draft.js';
import type { StepView } from './step-view.js';
import type { StepActions } from './use-step-actions.js';

export interface StepMenuProps {
  view: Pick<StepView, 'stepId' | 'title' | 'isTrigger' | 'isFollowed'>;
  actions: StepActions;
  tabIndex?: number;
}

const moves: readonly { direction: Direction; label: string; keys: string; icon: typeof IconArrowUp }[] = [
  { direction: 'up', label: 'Move up', keys: 'Alt ↑', icon: IconArrowUp },
  { direction: 'down', label: 'Move down', keys: 'Alt ↓', icon: IconArrowDown },
  { direction: 'left', label: 'Move branch left', keys: 'Alt ←', icon: IconArrowLeft },
  { direction: 'right', label: 'Move branch right', keys: 'Alt →', icon: IconArrowRight },
];

/** What can be done with one step. */
export const StepMenu = memo(function StepMenu({ view, actions, tabIndex = 0 }: StepMenuProps): ReactNode {
  return (
    <Menu position="bottom-end" withinPortal shadow="md">
      <Menu.Target>
        <ActionIcon
          className="nopan"
          variant="subtle"
          color="gray"
          size="sm"
          tabIndex={tabIndex}
          aria-label={`Actions of ${view.title}`}
        >
          <IconDots size={16} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <StepMenuItems view={view} actions={actions} />
      </Menu.Dropdown>
    </Menu>
  );
});

function StepMenuItems({ view, actions }: StepMenuProps): ReactNode {
  const { draft, select } = useDraft();
  const { stepId, isTrigger, isFollowed } = view;
  const above = readTree(draft).tree.edgeTo(stepId)?.from ?? stepId;
  // The menu goes with its step, and the focus would go with the menu.
  const andGoUp = (remove: (id: string) => void): void => {
    remove(stepId);
    requestAnimationFrame(() => {
      if (document.activeElement !== document.body) return;
      document.querySelector<HTMLElement>(`[data-step="${CSS.escape(above)}"]`)?.focus();
    });
  };
  return (
    <>
      <Menu.Item
        leftSection={<IconPlus size={16} />}
        rightSection={<kbd>A</kbd>}
        onClick={() => actions.addAfter(stepId)}
      >
        Add a step after it
      </Menu.Item>
      <Menu.Item leftSection={<IconArrowsSplit2 size={16} />} onClick={() => actions.addBranch(stepId)}>
        Add a branch
      </Menu.Item>
      {!isTrigger && (
        <Menu.Item leftSection={<IconFilter size={16} />} onClick={() => select(stepId, '/condition')}>
          Condition …
        </Menu.Item>
      )}
      {moves
        .filter(({ direction }) => canMove(draft, stepId, direction))
        .map(({ direction, label, keys, icon: Sign }) => (
          <Menu.Item
            key={direction}
            leftSection={<Sign size={16} />}
            rightSection={<kbd>{keys}</kbd>}
            onClick={() => actions.move(stepId, direction)}
          >
            {label}
          </Menu.Item>
        ))}
      <Menu.Divider />
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={16} />}
        rightSection={<kbd>Del</kbd>}
        onClick={() => andGoUp(actions.remove)}
      >
        {isTrigger && isFollowed ? 'Choose another trigger' : 'Delete'}
      </Menu.Item>
      {isFollowed && (
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => andGoUp(actions.removeBranch)}>
          Delete with all that follow
        </Menu.Item>
      )}
    </>
  );
}
