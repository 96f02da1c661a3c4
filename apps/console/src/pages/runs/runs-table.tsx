import { Button, Checkbox, Group } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowUp } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { useFlowNames } from '../../api/flow-names.js';
import { isOpen, type RunLine } from './run-lines.js';
import { RunRow } from './run-row.js';
import classes from './runs.module.css';
import type { RunList } from './use-run-list.js';

export interface RunsTableProps {
  list: RunList;
  selected: ReadonlySet<string>;
  onSelect: (ids: readonly string[], on: boolean) => void;
  /** Told of the open runs among the rows in sight. */
  onOpenInSight: (lines: readonly RunLine[]) => void;
  /** Under this key the place in the list is kept for Back. */
  placeKey: string;
}

const aheadRows = 60;
/** Where each list was scrolled to, while this page of the browser lives. */
const places = new Map<string, number>();

/** The list of runs: only the rows in sight are in the page, and the next ones are loaded before they are reached. */
export function RunsTable({ list, selected, onSelect, onOpenInSight, placeKey }: RunsTableProps): ReactNode {
  const { lines, hasMore, isLoadingMore, loadMore, goesOn } = list;
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false });
  const rowHeight = narrow ? 80 : 52;
  const box = useRef<HTMLDivElement>(null);
  // Another function would have the places of all rows worked out again.
  const keyOf = useCallback((index: number) => lines[index]?.id ?? index, [lines]);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialOffset: () => places.get(placeKey) ?? 0,
    getItemKey: keyOf,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && goesOn && last >= lines.length - aheadRows) loadMore();
  }, [hasMore, isLoadingMore, goesOn, last, lines.length, loadMore]);

  const first = items[0]?.index ?? 0;
  useEffect(
    () => onOpenInSight(lines.slice(first, last + 1).filter(({ status }) => isOpen(status))),
    [lines, first, last, onOpenInSight],
  );

  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    element.scrollTop = places.get(placeKey) ?? 0;
    const keep = (): void => void places.set(placeKey, element.scrollTop);
    element.addEventListener('scroll', keep, { passive: true });
    return () => element.removeEventListener('scroll', keep);
  }, [placeKey]);

  const { nameOf } = useFlowNames([...new Set(items.flatMap(({ index }) => lines[index]?.flowId ?? []))]);
  const { pathname, search } = useLocation();
  const allSelected = lines.length > 0 && lines.every(({ id }) => selected.has(id));
  const showFresh = (): void => {
    list.showFresh();
    box.current?.scrollTo({ top: 0 });
  };
  return (
    <>
      <div className={classes['fresh']} aria-live="polite">
        {list.freshCount > 0 && (
          <Button size="compact-sm" leftSection={<IconArrowUp size={16} aria-hidden="true" />} onClick={showFresh}>
            {freshWords(list.freshCount)}
          </Button>
        )}
      </div>
      <div className={classes['table']}>
        <div role="table" aria-label="Runs" aria-rowcount={hasMore ? -1 : lines.length + 1}>
          <div className={`${classes['line']} ${classes['head']}`} role="row">
            <div role="columnheader" className={classes['check']}>
              <Checkbox
                size="xs"
                aria-label="Select all runs that are loaded"
                checked={allSelected}
                indeterminate={!allSelected && selected.size > 0}
                onChange={(event) =>
                  onSelect(
                    lines.map(({ id }) => id),
                    event.currentTarget.checked,
                  )
                }
              />
            </div>
            <div role="columnheader" className={classes['only-wide']}>
              Status
            </div>
            <div role="columnheader">Flow</div>
            <div role="columnheader" className={classes['only-wide']}>
              Started
            </div>
            <div role="columnheader" className={classes['only-wide']}>
              Took
            </div>
            <div role="columnheader" className={classes['only-wide']}>
              Request id
            </div>
          </div>
          <div
            ref={box}
            className={classes['box']}
            role="rowgroup"
            tabIndex={0}
            aria-label="Runs, newest first"
            aria-busy={list.isStale || isLoadingMore}
            data-short={(lines.length < 8 && !hasMore) || undefined}
            data-stale={list.isStale || undefined}
          >
            <div className={classes['rows']} role="presentation" style={{ height: virtualizer.getTotalSize() }}>
              {items.map(({ index, start, key }) => {
                const line = lines[index];
                if (!line) return null;
                return (
                  <RunRow
                    key={key}
                    line={line}
                    name={nameOf(line.flowId)}
                    list={`${pathname}${search}`}
                    rowIndex={index + 2}
                    top={start}
                    height={rowHeight}
                    selected={selected.has(line.id)}
                    onSelect={onSelect}
                  />
                );
              })}
            </div>
          </div>
        </div>
        <Foot list={list} />
      </div>
    </>
  );
}

function Foot({ list }: { list: RunList }): ReactNode {
  const count = `${list.lines.length.toLocaleString('en')} ${list.lines.length === 1 ? 'run' : 'runs'}`;
  if (list.isLoadingMore) return <div className={classes['foot']}>{count}, loading older ones …</div>;
  if (!list.hasMore) return <div className={classes['foot']}>{count}</div>;
  return (
    <Group className={classes['foot'] ?? ''} gap="xs" justify="space-between">
      <span role={list.moreError ? 'alert' : undefined}>
        {list.moreError ? `${count}; older ones could not be loaded` : `${count} so far; scroll for older ones`}
      </span>
      <Button size="compact-xs" variant="subtle" onClick={list.loadMore}>
        {list.moreError ? 'Try again' : 'Load older runs'}
      </Button>
    </Group>
  );
}

function freshWords(count: number): string {
  if (count === 1) return '1 new run';
  return count >= 100 ? '100 or more new runs' : `${count} new runs`;
}
