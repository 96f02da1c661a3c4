import { ActionIcon } from '@mantine/core';
import { IconArrowsSplit2, IconGripVertical, IconPlus } from '@tabler/icons-react';
import { Handle, Position, type NodeProps } from '@xyflow/react';
import { memo, useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { ComponentIcon } from '../steps/component-icon.js';
import { StepMenu } from '../steps/step-menu.js';
import { StepSigns } from '../steps/step-signs.js';
import type { StepNodeElement } from './canvas-elements.js';
import { useCanvas } from './canvas-context.js';
import classes from './step-node.module.css';

/** Where edges end, as `canvas-elements.ts` tells it; nothing can be drawn from there by hand. */
const end = { width: 1, height: 1, minWidth: 0, minHeight: 0, border: 0, opacity: 0, pointerEvents: 'none' } as const;

/** Of a step that is dragged: its id. */
const dragType = 'text/x-millrace-step';

/** One step on the canvas. Of all nodes only the active one is in the order of the Tab key. */
export const StepNode = memo(function StepNode({ data }: NodeProps<StepNodeElement>): ReactNode {
  const { view, isActive, isOpen } = data;
  const { stepId, title, subtitle, component, isFollowed, isTrigger } = view;
  const { actions, wantedFocus, activate, open, onKeyDown } = useCanvas();
  const card = useRef<HTMLButtonElement>(null);
  const tabIndex = isActive ? 0 : -1;
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    setOver(false);
    const dragged = event.dataTransfer.getData(dragType);
    if (dragged === '') return;
    event.preventDefault();
    actions.moveAfter(dragged, stepId);
  };

  useEffect(() => {
    if (wantedFocus.current !== stepId) return;
    wantedFocus.current = null;
    card.current?.focus({ preventScroll: true });
  });

  return (
    <div
      className={classes['node']}
      data-open={isOpen || undefined}
      data-active={isActive || undefined}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(dragType)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Handle type="target" position={Position.Top} isConnectable={false} style={end} />
      <Handle type="source" position={Position.Bottom} isConnectable={false} style={end} />
      <button
        ref={card}
        type="button"
        className={classes['card']}
        tabIndex={tabIndex}
        data-step={stepId}
        aria-pressed={isOpen}
        onKeyDown={(event) => onKeyDown(event, stepId)}
        onFocus={() => activate(stepId)}
        onClick={({ detail }) => open(stepId, detail === 0)}
      >
        <ComponentIcon component={component} />
        <span className={classes['words']}>
          <span className={classes['title']}>{title}</span>
          <span className={classes['subtitle']}>{subtitle}</span>
          <StepSigns view={view} />
        </span>
      </button>
      {!isTrigger && (
        // By keyboard Alt and the arrow keys move the step, and its menu does everywhere.
        <span
          className={`nopan ${classes['grip'] ?? ''}`}
          draggable
          data-grip={stepId}
          title="Drag it onto the step that it is to follow"
          aria-hidden="true"
          onDragStart={(event) => {
            event.dataTransfer.setData(dragType, stepId);
            event.dataTransfer.effectAllowed = 'move';
            if (card.current) event.dataTransfer.setDragImage(card.current, 12, 34);
          }}
        >
          <IconGripVertical size={14} />
        </span>
      )}
      <span className={classes['menu']}>
        <StepMenu view={view} actions={actions} tabIndex={tabIndex} />
      </span>
      {isFollowed ? (
        <ActionIcon
          className={`nopan ${classes['branch'] ?? ''}`}
          variant="default"
          size="sm"
          radius="xl"
          tabIndex={tabIndex}
          aria-label={`Add a branch after ${title}`}
          title="Add a branch"
          onClick={() => actions.addBranch(stepId)}
        >
          <IconArrowsSplit2 size={14} aria-hidden="true" />
        </ActionIcon>
      ) : (
        <span className={classes['next']}>
          <ActionIcon
            className="nopan"
            variant="default"
            size="md"
            radius="xl"
            tabIndex={tabIndex}
            aria-label={`Add a step after ${title}`}
            title="Add a step"
            onClick={() => actions.addAfter(stepId)}
          >
            <IconPlus size={16} aria-hidden="true" />
          </ActionIcon>
        </span>
      )}
    </div>
  );
});
