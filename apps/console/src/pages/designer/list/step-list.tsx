import { ActionIcon, Button } from '@mantine/core';
import { IconArrowsSplit2, IconPlus } from '@tabler/icons-react';
import { readTree, type Edge, type FlowTree } from '@millrace/flow-model';
import { Fragment, type ReactNode } from 'react';
import { useDraft } from '../draft/use-draft.js';
import { ComponentIcon } from '../steps/component-icon.js';
import { StepMenu } from '../steps/step-menu.js';
import { StepSigns } from '../steps/step-signs.js';
import { edgeLabel, type StepView } from '../steps/step-view.js';
import type { StepActions } from '../steps/use-step-actions.js';
import classes from './step-list.module.css';

export interface StepListProps {
  views: readonly StepView[];
  actions: StepActions;
}

/** The steps one below the other, for screens that are too small for a canvas; branches stand in boxes of their own. */
export function StepList({ views, actions }: StepListProps): ReactNode {
  const { draft } = useDraft();
  const { tree } = readTree(draft);
  const known = new Map(views.map((view) => [view.stepId, view]));
  const roots = draft.steps.filter(({ id }, at) => at === 0 || !tree.edgeTo(id));
  return (
    <div className={classes['list']} role="group" aria-label="Steps of the flow">
      {roots.map(({ id }) => (
        <Chain key={id} firstId={id} given={{ tree, known, actions }} />
      ))}
    </div>
  );
}

interface Given {
  tree: FlowTree;
  known: ReadonlyMap<string, StepView>;
  actions: StepActions;
}

/** The steps from one on, up to where the flow branches. */
function Chain({ firstId, given }: { firstId: string; given: Given }): ReactNode {
  const { tree, known, actions } = given;
  const ids = [firstId];
  let below = tree.childrenOf(firstId);
  while (below.length === 1 && below[0] !== undefined && !ids.includes(below[0])) {
    ids.push(below[0]);
    below = tree.childrenOf(below[0]);
  }
  const lastId = ids.at(-1) ?? firstId;
  return (
    <ol className={classes['chain']}>
      {ids.map((id, at) => {
        const view = known.get(id);
        const edge = tree.edgeTo(id);
        return (
          <Fragment key={id}>
            {at > 0 && edge && <Between edge={edge} title={view?.title ?? id} actions={actions} />}
            <li>{view && <Card view={view} actions={actions} />}</li>
          </Fragment>
        );
      })}
      <li>
        {below.length > 1 ? (
          <ul className={classes['branches']}>
            {below.map((id) => (
              <li key={id} className={classes['branch']}>
                <Condition edge={tree.edgeTo(id)} title={known.get(id)?.title ?? id} fallback="always" />
                <Chain firstId={id} given={given} />
              </li>
            ))}
            <li>
              <Button
                variant="default"
                size="xs"
                leftSection={<IconArrowsSplit2 size={14} aria-hidden="true" />}
                onClick={() => actions.addBranch(lastId)}
              >
                Add a branch
              </Button>
            </li>
          </ul>
        ) : (
          <Button
            mt="xs"
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden="true" />}
            onClick={() => actions.addAfter(lastId)}
            aria-label={`Add a step after ${known.get(lastId)?.title ?? lastId}`}
          >
            Add a step
          </Button>
        )}
      </li>
    </ol>
  );
}

function Between({ edge, title, actions }: { edge: Edge; title: string; actions: StepActions }): ReactNode {
  return (
    <li className={classes['between']}>
      <ActionIcon
        variant="default"
        size="sm"
        radius="xl"
        aria-label={`Add a step before ${title}`}
        onClick={() => actions.addBetween(edge)}
      >
        <IconPlus size={14} aria-hidden="true" />
      </ActionIcon>
      <Condition edge={edge} title={title} />
    </li>
  );
}

function Condition({ edge, title, fallback }: { edge: Edge | undefined; title: string; fallback?: string }): ReactNode {
  const { select } = useDraft();
  const label = (edge && edgeLabel(edge)) ?? fallback;
  if (!edge || label === undefined) return null;
  return (
    <button
      type="button"
      className={classes['condition']}
      aria-label={`Condition before ${title}: ${label}`}
      onClick={() => select(edge.to, '/condition')}
    >
      {label}
    </button>
  );
}

function Card({ view, actions }: { view: StepView; actions: StepActions }): ReactNode {
  const { select, selectedStepId } = useDraft();
  return (
    <div className={classes['card']} data-open={selectedStepId === view.stepId || undefined}>
      <button type="button" className={classes['open']} onClick={() => select(view.stepId)}>
        <ComponentIcon component={view.component} />
        <span className={classes['words']}>
          <span className={classes['title']}>{view.title}</span>
          <span className={classes['subtitle']}>{view.subtitle}</span>
          <StepSigns view={view} />
        </span>
      </button>
      <StepMenu view={view} actions={actions} />
    </div>
  );
}
