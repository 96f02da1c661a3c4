import { Checkbox } from '@mantine/core';
import { IconRotate2 } from '@tabler/icons-react';
import { memo, type ReactNode } from 'react';
import { NameLink } from '../../ui/name-link.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { durationWords } from '../../ui/time-words.js';
import { When } from '../../ui/when.js';
import type { RunLine } from './run-lines.js';
import classes from './runs.module.css';

export interface RunRowProps {
  line: RunLine;
  /** Of its flow. */
  name: string;
  /** The address of the list, for the way back. */
  list: string;
  rowIndex: number;
  /** Its place in the list, in pixels. */
  top: number;
  height: number;
  selected: boolean;
  onSelect: (ids: readonly string[], on: boolean) => void;
}

/** One run of the list. The name of its flow opens it. */
export const RunRow = memo(function RunRow(props: RunRowProps): ReactNode {
  const { line, name, list, rowIndex, top, height, selected, onSelect } = props;
  const took = line.finishedAt === null ? undefined : Date.parse(line.finishedAt) - Date.parse(line.startedAt);
  return (
    <div
      className={`${classes['line']} ${classes['row']}`}
      role="row"
      aria-rowindex={rowIndex}
      style={{ transform: `translateY(${top}px)`, height }}
      data-selected={selected || undefined}
    >
      <div role="cell" className={classes['check']}>
        <Checkbox
          size="xs"
          aria-label={`Select the run of ${name}, ${line.requestId}`}
          checked={selected}
          onChange={(event) => onSelect([line.id], event.currentTarget.checked)}
        />
      </div>
      <div role="cell" className={classes['status']}>
        <StatusBadge status={line.status} />
      </div>
      <div role="cell" className={classes['what']}>
        <NameLink
          to={`/runs/${line.id}`}
          state={{ list }}
          sign={line.isReplay && <IconRotate2 size={14} role="img" aria-label="Replay of" />}
        >
          {name}
        </NameLink>
        <div className={classes['words']} title={line.words}>
          <bdi>{line.words}</bdi>
        </div>
      </div>
      <div role="cell" className={`${classes['when']} ${classes['number']}`}>
        <When time={line.startedAt} />
      </div>
      <div role="cell" className={`${classes['took']} ${classes['number']}`}>
        {took === undefined ? '–' : durationWords(Math.max(0, took))}
      </div>
      <div role="cell" className={classes['id']} title={line.requestId}>
        …{line.requestId.slice(-14)}
      </div>
    </div>
  );
});
