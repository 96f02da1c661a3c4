import { Button, Paper, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Run } from '../../api/schema.generated.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { toneOf } from '../../ui/status-tone.js';
import { durationWords, wholeTime } from '../../ui/time-words.js';
import { useNow } from '../../ui/use-now.js';
import { countWords } from '../runs/act-words.js';
import classes from './run.module.css';
import { isSplit, treeRows, type StepNode, type TreeRow } from './step-tree.js';
import type { StepWords } from './step-words.js';
import { barOf, timeAxis, type TimeAxis } from './time-axis.js';

export interface StepTreeViewProps {
  tree: readonly StepNode[];
  run: Run;
  wordsOf: (stepId: string) => StepWords;
  selected: string | undefined;
  onSelect: (stepId: string, path: string) => void;
}

/** Of a split branch so many are shown at first, and so many more with each click. */
const usualChildren = 10;
const moreChildren = 100;

/** The steps as a tree, and beside each when it ran. Arrow keys go from step to step. */
export function StepTreeView({ tree, run, wordsOf, selected, onSelect }: StepTreeViewProps): ReactNode {
  const [limits, setLimits] = useState<ReadonlyMap<string, number>>(new Map());
  const rows = useMemo(() => treeRows(tree, limits, usualChildren), [tree, limits]);
  const tick = useNow();
  const now = Math.max(
    tick,
    Date.parse(run.startedAt),
    ...run.steps.slice(-50).map((step) => Date.parse(step.startedAt)),
  );
  const axis = useMemo(() => timeAxis([run, ...run.steps], now), [run, now]);
  return (
    <Paper component="section" withBorder radius="md" className={classes['tree'] ?? ''} aria-label="Steps of the run">
      <div className={classes['axis']} aria-hidden="true">
        <Text size="xs" fw={600} c="dimmed">
          Steps
        </Text>
        <Ticks axis={axis} />
      </div>
      <ul className={classes['steps']}>
        {rows.map((row) => (
          <li key={row.kind === 'step' ? row.node.key : `${row.parent.key} more`}>
            {row.kind === 'step' ? (
              <Step
                row={row}
                called={wordsOf(row.node.stepId)}
                axis={axis}
                now={now}
                selected={row.node.key === selected}
                onSelect={onSelect}
              />
            ) : (
              <More
                row={row}
                onMore={() => {
                  const shown = row.parent.children.length - row.hidden.length;
                  setLimits(new Map(limits).set(row.parent.key, shown + moreChildren));
                }}
              />
            )}
          </li>
        ))}
      </ul>
      {run.stepsLeftOut > 0 && (
        <Text size="xs" c="dimmed" p="sm">
          {countWords(run.stepsLeftOut, 'more step run')} of this run cannot be shown here.
        </Text>
      )}
    </Paper>
  );
}

/** Goes to the step before or after with the arrow keys. */
function goOn(event: KeyboardEvent<HTMLButtonElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const buttons = [...(event.currentTarget.closest('ul')?.querySelectorAll('button') ?? [])];
  const next = by === undefined ? undefined : buttons[buttons.indexOf(event.currentTarget) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function Ticks({ axis }: { axis: TimeAxis }): ReactNode {
  return (
    <div className={classes['ticks']}>
      {axis.ticks
        .filter(({ at }) => at < 88)
        .map(({ at, ms }) => (
          <span key={ms} style={{ insetInlineStart: `${at}%` }}>
            {ms === 0 ? '0' : durationWords(ms).replace(/\.0 /, ' ')}
          </span>
        ))}
    </div>
  );
}

interface StepProps {
  row: Extract<TreeRow, { kind: 'step' }>;
  called: StepWords;
  axis: TimeAxis;
  now: number;
  selected: boolean;
  onSelect: (stepId: string, path: string) => void;
}

function Step({ row: { node, depth }, called, axis, now, selected, onSelect }: StepProps): ReactNode {
  const { run, stepId, path } = node;
  const indent = { paddingInlineStart: `calc(0.6rem + ${Math.min(depth, 12)} * 0.9rem)` };
  const words = (
    <span className={classes['step-words']}>
      <span className={classes['step-name']}>
        <bdi>{called.name}</bdi>
      </span>
      <span className={classes['step-id']}>
        {called.component !== '' && <bdi>{called.component}</bdi>}
        {called.component !== '' && ' · '}
        {stepId}
        {isSplit(path) && <span title="Which output of each step before led here"> · path {path}</span>}
        {run !== undefined && run.attempts > 1 && ` · ${run.attempts} attempts`}
      </span>
    </span>
  );
  if (!run) {
    return (
      <div className={classes['step']} style={indent}>
        {words}
        <StatusBadge status="skipped" label="did not run" />
        <span />
      </div>
    );
  }
  const bar = barOf(axis, run.startedAt, run.finishedAt, now);
  const took = Math.max(0, (run.finishedAt === null ? now : Date.parse(run.finishedAt)) - Date.parse(run.startedAt));
  const times = `${wholeTime(new Date(run.startedAt))}, ${durationWords(took)}${run.finishedAt === null ? ' so far' : ''}`;
  return (
    <Tooltip label={times} position="top" openDelay={300} events={{ hover: true, focus: true, touch: false }}>
      <UnstyledButton
        className={classes['step'] ?? ''}
        style={indent}
        aria-pressed={selected}
        aria-description={`${durationWords(took)}, began ${durationWords(Date.parse(run.startedAt) - axis.startMs)} after the run`}
        onKeyDown={goOn}
        onClick={() => onSelect(stepId, path)}
      >
        {words}
        <StatusBadge status={run.status} />
        <span className={classes['lane']} aria-hidden="true">
          <span
            className={classes['bar']}
            data-tone={toneOf(run.status)}
            style={{ insetInlineStart: `${bar.left}%`, width: `${bar.width}%` }}
          />
          <span
            className={classes['took']}
            style={{ paddingInlineStart: bar.left > 55 ? 0 : `${bar.left}%` }}
            data-end={bar.left > 55 || undefined}
          >
            {durationWords(took)}
          </span>
        </span>
      </UnstyledButton>
    </Tooltip>
  );
}

function More({ row, onMore }: { row: Extract<TreeRow, { kind: 'more' }>; onMore: () => void }): ReactNode {
  const failed = row.hidden.filter(({ run }) => run?.status === 'failed').length;
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      ms={`calc(0.6rem + ${Math.min(row.depth, 12)} * 0.9rem)`}
      my={4}
      onKeyDown={goOn}
      onClick={onMore}
    >
      Show {row.hidden.length.toLocaleString('en')} more
      {failed > 0 && `, ${failed.toLocaleString('en')} of them failed`}
    </Button>
  );
}
