import { Group, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState, type CSSProperties, type ReactNode } from 'react';
import { CopyButton } from './copy-button.js';
import { jsonRows, jsonText, pointersBelow, type JsonRow } from './json-rows.js';
import classes from './json-view.module.css';

export interface JsonViewProps {
  value: unknown;
  /** What it is, for the copy button and for screen readers: "Output of step_2". */
  label: string;
  /** Objects and arrays at this depth and below begin closed; 3 unless given. */
  openDepth?: number;
  maxHeight?: number;
}

const rowHeight = 22;

/** A JSON value as a tree that opens and closes; only the lines in sight are in the page. Text is only ever text. */
export function JsonView({ value, label, openDepth = 3, maxHeight = 420 }: JsonViewProps): ReactNode {
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => pointersBelow(value, openDepth));
  const rows = useMemo(() => jsonRows(value, closed), [value, closed]);
  const box = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  const toggle = (pointer: string): void => {
    setClosed((before) => {
      const after = new Set(before);
      if (!after.delete(pointer)) after.add(pointer);
      return after;
    });
  };
  return (
    <div className={classes['frame']}>
      <Group className={classes['head']} justify="space-between" wrap="nowrap">
        <Text size="xs" c="dimmed" truncate>
          {label}
        </Text>
        <CopyButton value={() => jsonText(value)} label={`Copy: ${label}`} />
      </Group>
      <section ref={box} className={classes['box']} style={{ maxHeight }} tabIndex={0} aria-label={label}>
        <div className={classes['rows']} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            const place: CSSProperties = { transform: `translateY(${start}px)`, height: rowHeight };
            return (
              <div key={row.pointer} className={classes['row']} style={place}>
                <Line row={row} open={!closed.has(row.pointer)} onToggle={() => toggle(row.pointer)} />
              </div>
            );
          })}
        </div>
      </section>
    </div>
  );
}

function Line({ row, open, onToggle }: { row: JsonRow; open: boolean; onToggle: () => void }): ReactNode {
  const indent = { paddingInlineStart: `${row.depth * 1.1}em` };
  const Arrow = open ? IconChevronDown : IconChevronRight;
  const words = (
    <>
      {row.name !== undefined && <span className={classes['name']}>{row.name}: </span>}
      <span className={classes['value']} data-kind={row.kind}>
        {row.text}
      </span>
    </>
  );
  if (!row.opens) {
    return (
      <span className={classes['line']} style={indent}>
        <span className={classes['arrow']} />
        {words}
      </span>
    );
  }
  return (
    <UnstyledButton className={classes['line']} style={indent} aria-expanded={open} onClick={onToggle}>
      <Arrow className={classes['arrow']} size={14} aria-hidden="true" />
      {words}
    </UnstyledButton>
  );
}
