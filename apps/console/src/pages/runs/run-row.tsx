import { Checkbox } from '@mantine/core';
import { IconRotate2 } from '@tabler/icons-react';
import { memo, type CSSProperties, type ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { useFlowNames } from '../../api/flow-names.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { durationWords } from '../../ui/time-words.js';
import { When } from '../../ui/when.js';
import type { RunLine } from './run-lines.js';
import classes from './runs.module.css';

export interface RunRowProps {
  line: RunLine;
  rowIndex: number;
  style: CSSProperties;
  selected: boolean;
  onSelect: (ids: readonly string[], on: boolean) => void;
}

/** One run of the list. The name of its flow opens it. */
export const RunRow = memo(function RunRow({ line, rowIndex, style, selected, onSelect }: RunRowProps): ReactNode {
  const { nameOf } = useFlowNames([line.flowId]);
  const { pathname, search } = useLocation();
  const name = nameOf(line.flowId);
  const took = line.finishedAt === null ? undefined : Date.parse(line.finishedAt) - Date.parse(line.startedAt);
  return (
    <div
      className={`${classes['line']} ${classes['row']}`}
      role="row"
      aria-rowindex={rowIndex}
      style={style}
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
        <Link className={classes['name']} to={`/runs/${line.id}`} state={{ list: `${pathname}${search}` }}>
          {line.isReplay && <IconRotate2 size={14} role="img" aria-label="Replay of" />} {name}
        </Link>
        <div className={classes['words']} title={line.words}>
          {line.words}
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
