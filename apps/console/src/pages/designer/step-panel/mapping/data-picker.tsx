import { Text, TextInput, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useStep } from '../step-context.js';
import classes from './data-picker.module.css';
import { dataRows, type DataRow } from './data-tree.js';
import { dragType } from './mapping-context.js';

export interface DataPickerProps {
  onPick: (expression: string) => void;
  /** Whether the search has the focus at once. */
  autoFocus?: boolean;
  height?: number;
}

const rowHeight = 32;
const pickable = '[data-pick]:not([aria-disabled])';

/** The data that a step can read, as a tree with its sample values; a click picks, and every line can be dragged. */
export function DataPicker({ onPick, autoFocus = false, height = 280 }: DataPickerProps): ReactNode {
  const { sources } = useStep();
  const [search, setSearch] = useState('');
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => closedAtFirst(sources));
  const rows = useMemo(() => dataRows(sources, closed, search), [sources, closed, search]);
  const box = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const toggle = (id: string): void => {
    setClosed((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  };
  return (
    <div>
      <TextInput
        size="xs"
        aria-label="Search the data"
        placeholder="Search by name or value"
        leftSection={<IconSearch size={14} />}
        data-autofocus={autoFocus || undefined}
        autoFocus={autoFocus}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          box.current?.querySelector<HTMLElement>(pickable)?.focus();
        }}
        mb={6}
      />
      <VisuallyHidden role="status">{search === '' ? '' : `${rows.length} lines found`}</VisuallyHidden>
      {rows.length === 0 && (
        <Text size="sm" c="dimmed" p="xs">
          Nothing fits “{search}”.
        </Text>
      )}
      <div ref={box} role="group" aria-label="Data" className={classes['box']} style={{ maxHeight: height }}>
        <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <div
                key={row.id}
                className={classes['row']}
                style={{ transform: `translateY(${start}px)`, height: rowHeight }}
              >
                <Line
                  row={row}
                  isOpen={!closed.has(row.id) || search !== ''}
                  onToggle={() => toggle(row.id)}
                  onPick={onPick}
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface LineProps {
  row: DataRow;
  isOpen: boolean;
  onToggle: () => void;
  onPick: (expression: string) => void;
}

function Line({ row, isOpen, onToggle, onPick }: LineProps): ReactNode {
  const Arrow = isOpen ? IconChevronDown : IconChevronRight;
  const nothing = row.depth === 0 && row.text === 'nothing';
  return (
    <div className={classes['line']} data-line style={{ paddingInlineStart: row.depth * 16 }}>
      {row.opens ? (
        <UnstyledButton
          className={classes['arrow'] ?? ''}
          aria-label={`${isOpen ? 'Close' : 'Open'} ${row.label}`}
          aria-expanded={isOpen}
          onKeyDown={walk}
          onClick={onToggle}
        >
          <Arrow size={14} aria-hidden="true" />
        </UnstyledButton>
      ) : (
        <span className={classes['arrow']} />
      )}
      {/* No button: not all browsers let one be dragged. */}
      <div
        role="button"
        tabIndex={nothing ? -1 : 0}
        aria-disabled={nothing || undefined}
        className={`mantine-focus-auto ${classes['pick'] ?? ''}`}
        data-pick
        title={row.expression}
        draggable={!nothing}
        onDragStart={(event) => {
          event.dataTransfer.setData(dragType, row.expression);
          event.dataTransfer.setData('text/plain', row.expression);
          event.dataTransfer.effectAllowed = 'copy';
        }}
        onClick={() => {
          if (!nothing) onPick(row.expression);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return walk(event);
          event.preventDefault();
          event.currentTarget.click();
        }}
      >
        <span className={classes['name']}>{row.label}</span>
        <span className={classes['value']}>{nothing ? 'no sample yet' : row.text}</span>
      </div>
    </div>
  );
}

/** Request and run are seldom wanted, and the earlier steps not as often as the last. */
function closedAtFirst(sources: ReturnType<typeof useStep>['sources']): Set<string> {
  return new Set(sources.filter(({ root }) => root.kind !== 'previous').map(({ root }) => JSON.stringify([root])));
}

/** Arrow keys: up and down go from line to line, right opens what is inside of one and left closes it. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const box = event.currentTarget.closest('[role="group"]');
  const lines = [...(box?.querySelectorAll<HTMLElement>('[data-line]') ?? [])];
  const at = lines.findIndex((line) => line.contains(event.target as Node));
  const targets = (some: readonly HTMLElement[]): HTMLElement[] =>
    some.flatMap((line) => line.querySelector<HTMLElement>(pickable) ?? []);
  const arrow = (isOpen: boolean): HTMLElement | null | undefined =>
    lines[at]?.querySelector<HTMLElement>(`[aria-expanded="${isOpen}"]`);
  switch (event.key) {
    case 'ArrowDown':
      targets(lines.slice(at + 1))[0]?.focus();
      break;
    case 'ArrowUp':
      targets(lines.slice(0, at)).at(-1)?.focus();
      break;
    case 'ArrowRight':
      arrow(false)?.click();
      break;
    case 'ArrowLeft':
      arrow(true)?.click();
      break;
    default:
      return;
  }
  event.preventDefault();
}
