import { Paper, Table, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './card-table.module.css';

export interface Column<Row> {
  /** The head of the column, and the label of the value where rows are cards. */
  label: string;
  render: (row: Row) => ReactNode;
  /** Buttons need no label; its head is only read out. */
  bare?: boolean;
  width?: string;
}

export interface CardTableProps<Row> {
  /** What the table lists, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}

/** A table that becomes a list of cards where it is narrow. The first column names the row. */
export function CardTable<Row>({ label, columns, rows, rowKey }: CardTableProps<Row>): ReactNode {
  return (
    <Paper withBorder radius="md" className={classes['frame'] ?? ''}>
      <Table className={classes['table'] ?? ''} aria-label={label} verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.label} scope="col" w={column.width}>
                {column.bare ? <VisuallyHidden>{column.label}</VisuallyHidden> : column.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map((column) => (
                <Table.Td key={column.label} data-label={column.bare ? undefined : column.label}>
                  {column.render(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
