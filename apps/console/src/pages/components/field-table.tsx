import { Badge, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { CardTable } from '../../ui/card-table.js';
import { shapesOf, type FieldDoc } from './field-docs.js';

export interface FieldTablesProps {
  schema: unknown;
  /** What the fields are of, for screen readers. */
  label: string;
  /** What is said where there are no fields. */
  none: string;
  /** Fields that one gets: they are always there, or may be missing, and none is required. */
  output?: boolean;
}

/** The fields of a schema as tables, one for each shape that it allows. */
export function FieldTables({ schema, label, none, output = false }: FieldTablesProps): ReactNode {
  const shapes = shapesOf(schema);
  if (shapes.length === 1 && shapes[0]?.fields.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {none}
      </Text>
    );
  }
  return (
    <Stack gap="md">
      {shapes.map(({ title, description, fields }, index) => (
        <div key={title ?? index}>
          {title !== undefined && (
            <Text size="sm" mb={4}>
              <Code>{title}</Code> {description}
            </Text>
          )}
          {fields.length > 0 ? (
            <FieldTable label={title === undefined ? label : `${label}: ${title}`} fields={fields} output={output} />
          ) : (
            <Text size="sm" c="dimmed">
              No further fields.
            </Text>
          )}
        </div>
      ))}
    </Stack>
  );
}

interface FieldTableProps {
  label: string;
  fields: readonly FieldDoc[];
  output: boolean;
}

function FieldTable({ label, fields, output }: FieldTableProps): ReactNode {
  return (
    <CardTable
      label={label}
      rows={fields}
      rowKey={({ path }) => path}
      columns={[
        {
          label: 'Field',
          width: '24%',
          render: ({ path, depth, required, secret }) => (
            <Group gap={6} style={{ paddingInlineStart: `${depth * 0.9}rem` }}>
              <Code style={{ overflowWrap: 'anywhere' }}>{path}</Code>
              {required !== output && (
                <Badge size="xs" variant="default">
                  {output ? 'may be missing' : 'required'}
                </Badge>
              )}
              {secret && (
                <Badge size="xs" variant="default">
                  secret
                </Badge>
              )}
            </Group>
          ),
        },
        { label: 'Type', width: '14%', render: ({ type }) => type },
        {
          label: 'Description',
          render: ({ description, limits }) => (
            <>
              {description}
              {limits.length > 0 && (
                <Text size="xs" c="dimmed">
                  {limits.join('; ')}
                </Text>
              )}
              {description === '' && limits.length === 0 && '–'}
            </>
          ),
        },
        {
          label: 'Default, examples',
          width: '22%',
          render: ({ defaultValue, examples }) => (
            <>
              {defaultValue !== undefined && (
                <div>
                  <Code style={{ overflowWrap: 'anywhere' }}>{defaultValue}</Code>{' '}
                  <Text span size="xs" c="dimmed">
                    when left out
                  </Text>
                </div>
              )}
              {examples.map((example) => (
                <div key={example}>
                  <Text span size="xs" c="dimmed">
                    such as
                  </Text>{' '}
                  <Code style={{ overflowWrap: 'anywhere' }}>{example}</Code>
                </div>
              ))}
              {defaultValue === undefined && examples.length === 0 && '–'}
            </>
          ),
        },
      ]}
    />
  );
}
