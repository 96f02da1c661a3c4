import { Code, List, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Component, Operation } from '../../api/schema.generated.js';
import { NameText } from '../../ui/name-text.js';
import { FieldTables } from './field-table.js';
import { operationAnchor, operationFacts } from './operation-facts.js';

/** What one trigger or action does, takes and gives. */
export function OperationDocs({ operation, component }: { operation: Operation; component: Component }): ReactNode {
  const { name, title, description, kind, config, input, output } = operation;
  const titleId = `${operationAnchor(operation)}-title`;
  return (
    <Paper
      component="article"
      withBorder
      p="md"
      id={operationAnchor(operation)}
      aria-labelledby={titleId}
      style={{ scrollMarginTop: 72 }}
    >
      <Stack gap="md">
        <div>
          <Title order={3} size="h4" id={titleId}>
            {title}
          </Title>
          <Text size="sm" mt={4} component="div">
            <NameText lines={12}>{description}</NameText>
          </Text>
          <List size="sm" mt="xs" c="dimmed">
            <List.Item>
              Name <Code>{name}</Code>
            </List.Item>
            {operationFacts(operation, component).map((fact) => (
              <List.Item key={fact}>{fact}</List.Item>
            ))}
          </List>
        </div>
        <Part title="Settings">
          <FieldTables schema={config} label={`Settings of ${title}`} none="It has no settings." />
        </Part>
        {kind === 'action' && (
          <Part title="Input">
            <FieldTables schema={input} label={`Input of ${title}`} none="It takes no input." />
          </Part>
        )}
        <Part title="Output">
          <FieldTables
            output
            schema={output}
            label={`Output of ${title}`}
            none="Whatever comes in; its fields are not fixed."
          />
        </Part>
      </Stack>
    </Paper>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <Title order={4} size="h5" mb={6}>
        {title}
      </Title>
      {children}
    </div>
  );
}
