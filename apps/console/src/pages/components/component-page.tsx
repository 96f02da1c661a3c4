import { Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { asApiProblem } from '../../api/api-problem.js';
import type { Component } from '../../api/schema.generated.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingPage } from '../../ui/loading.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { useScrollToHash } from '../../ui/use-scroll-to-hash.js';
import { When } from '../../ui/when.js';
import { NameText } from '../../ui/name-text.js';
import { FieldTables } from './field-table.js';
import { OperationDocs } from './operation-docs.js';
import { operationAnchor } from './operation-facts.js';
import { useComponent } from './use-component.js';

/** What one component offers: its triggers, actions, fields and credential. */
export function ComponentPage(): ReactNode {
  const { name = '' } = useParams();
  const { data, error, isPending, refetch } = useComponent(name);
  if (data) return <Docs component={data} />;
  if (isPending) return <LoadingPage />;
  const missing = asApiProblem(error).status === 404;
  return (
    <>
      <PageHeader title={missing ? 'No such component' : 'Component'} />
      {missing ? (
        <EmptyState
          title="It is not in the catalogue"
          action={
            <Button component={Link} to="/components">
              To the components
            </Button>
          }
        >
          A component appears in the catalogue by itself as soon as it runs.
        </EmptyState>
      ) : (
        <ProblemAlert error={error} onRetry={refetch} />
      )}
    </>
  );
}

function Docs({ component }: { component: Component }): ReactNode {
  useScrollToHash();
  const { title, description, name, version, status, lastSeenAt, operations, credentials } = component;
  const triggers = operations.filter(({ kind }) => kind === 'trigger');
  const actions = operations.filter(({ kind }) => kind === 'action');
  return (
    <>
      <Anchor component={Link} to="/components" size="sm">
        All components
      </Anchor>
      <PageHeader
        title={title}
        badge={<StatusBadge status={status} />}
        description={<NameText lines={8}>{description}</NameText>}
      />
      <Stack gap="xl" style={{ overflowWrap: 'anywhere' }}>
        <Paper withBorder p="md">
          <Text size="sm">
            Name <b>{name}</b> · version <b>{version}</b> · last seen <When time={lastSeenAt} />
          </Text>
          {status === 'away' && (
            <Text size="sm" mt="xs">
              It does not run at the moment: its steps wait until it is back, and nothing is lost. It cannot be asked
              for samples or verify credentials meanwhile.
            </Text>
          )}
          <Group component="nav" aria-label="On this page" gap="md" mt="xs">
            {operations.map((operation) => (
              <Anchor key={operation.name} size="sm" href={`#${operationAnchor(operation)}`}>
                <NameText>{operation.title}</NameText>
              </Anchor>
            ))}
            {credentials && (
              <Anchor size="sm" href="#credential">
                Credential
              </Anchor>
            )}
          </Group>
        </Paper>
        {triggers.length > 0 && <OperationList title="Triggers" operations={triggers} component={component} />}
        {actions.length > 0 && <OperationList title="Actions" operations={actions} component={component} />}
        {credentials && (
          <section aria-labelledby="credential">
            <Title order={2} size="h3" mb="xs" id="credential">
              Credential
            </Title>
            <Text size="sm" mb="sm">
              {credentials.required ? 'Its steps need one.' : 'Its steps work without one, too.'}{' '}
              {credentials.verifies
                ? 'It is checked with the real system before it is saved.'
                : 'The component cannot check it: a step shows whether it is right.'}
              {credentials.oauth2 && ' It can be got by signing in to the other system (OAuth 2).'}{' '}
              <Anchor component={Link} to={`/credentials?component=${encodeURIComponent(name)}`} size="sm">
                Credentials of {title}
              </Anchor>
            </Text>
            <FieldTables schema={credentials.fields} label="Fields of the credential" none="It has no fields." />
          </section>
        )}
      </Stack>
    </>
  );
}

function OperationList({
  title,
  operations,
  component,
}: {
  title: string;
  operations: Component['operations'];
  component: Component;
}): ReactNode {
  const id = title.toLowerCase();
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h3" mb="sm" id={id}>
        {title}
      </Title>
      <Stack gap="lg">
        {operations.map((operation) => (
          <OperationDocs key={operation.name} operation={operation} component={component} />
        ))}
      </Stack>
    </section>
  );
}
