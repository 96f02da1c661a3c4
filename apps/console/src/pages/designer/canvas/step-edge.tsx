import { ActionIcon } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type EdgeProps } from '@xyflow/react';
import { memo, type ReactNode } from 'react';
import { useCanvas } from './canvas-context.js';
import type { StepEdgeElement } from './canvas-elements.js';
import classes from './step-edge.module.css';

const bendBelow = 20;

/** What leads from a step to the next one: its condition, and a plus that puts a step in between. */
export const StepEdge = memo(function StepEdge(props: EdgeProps<StepEdgeElement>): ReactNode {
  const { source, target, sourceX, sourceY, targetX, targetY, data } = props;
  const { actions, openCondition } = useCanvas();
  const [path] = getSmoothStepPath({ ...props, centerY: sourceY + bendBelow, borderRadius: 10 });
  const title = data?.title ?? target;
  return (
    <>
      <BaseEdge path={path} className={classes['line'] ?? ''} id={props.id} />
      <EdgeLabelRenderer>
        <div
          className={`${classes['parts'] ?? ''} nopan`}
          style={{ transform: `translate(-50%, -100%) translate(${targetX}px, ${targetY - 8}px)` }}
          data-straight={sourceX === targetX || undefined}
        >
          {data?.label !== undefined && (
            <button
              type="button"
              className={classes['label']}
              tabIndex={-1}
              title={data.label}
              aria-label={`Condition before ${title}: ${data.label}`}
              onClick={() => openCondition(target)}
            >
              {data.label}
            </button>
          )}
          <ActionIcon
            variant="default"
            size="sm"
            radius="xl"
            tabIndex={-1}
            aria-label={`Add a step before ${title}`}
            title="Add a step here"
            onClick={() => actions.addBetween({ from: source, to: target })}
          >
            <IconPlus size={14} aria-hidden="true" />
          </ActionIcon>
        </div>
      </EdgeLabelRenderer>
    </>
  );
});
