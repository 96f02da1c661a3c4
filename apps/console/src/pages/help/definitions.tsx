import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './help.module.css';

export interface DefinitionsProps {
  /** Names the table. */
  label: string;
  /** Heads of the two columns. */
  heads: readonly [string, string];
  rows: readonly (readonly [what: ReactNode, means: ReactNode])[];
}

/** Two columns: what there is, and what it means. The order of the rows never changes. */
export function Definitions({ label, heads, rows }: DefinitionsProps): ReactNode {
  return (
    <Table className={classes['definitions'] ?? ''} aria-label={label} verticalSpacing={6} withTableBorder>
      <Table.Thead>
        <Table.Tr>
          {heads.map((head) => (
            <Table.Th key={head}>{head}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([what, means], at) => (
          <Table.Tr key={at}>
            <Table.Th scope="row">{what}</Table.Th>
            <Table.Td>{means}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
