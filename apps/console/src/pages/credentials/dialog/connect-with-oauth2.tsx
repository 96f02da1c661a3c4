import { Button, Collapse, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Component, Credential } from '../../../api/schema.generated.js';
import type { JsonSchema } from '../../../forms/json-schema.js';
import { SchemaFields } from '../../../forms/schema-fields.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { useAuthorization } from './use-authorization.js';
import { WaitingForWindow } from './waiting-for-window.js';

export interface ConnectWithOAuth2Props {
  component: Component;
  /** Of the credential to be. */
  name: string;
  schema: JsonSchema;
  values: Readonly<Record<string, unknown>>;
  onValues: (values: Record<string, unknown>) => void;
  onConnected: (credential: Credential) => void;
}

const asked = ['clientId', 'clientSecret'];

/** Gets a credential by sending the person to the other system; those who have tokens already may type them. */
export function ConnectWithOAuth2(props: ConnectWithOAuth2Props): ReactNode {
  const { component, name, schema, values, onValues, onConnected } = props;
  const [own, { toggle }] = useDisclosure(false);
  const { begin, waiting, error, stop } = useAuthorization(onConnected);
  const { properties = {}, required = [] } = schema;
  const part = (chosen: (field: string) => boolean): JsonSchema => ({
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).filter(([field]) => chosen(field))),
    required: required.filter(chosen),
  });
  const { clientId, clientSecret } = values;
  const connect = (): void =>
    begin({
      component: component.name,
      name,
      fields: {
        clientId: typeof clientId === 'string' ? clientId : '',
        ...(typeof clientSecret === 'string' && { clientSecret }),
      },
    });
  return (
    <Stack gap="md">
      <SchemaFields
        schema={part((field) => asked.includes(field))}
        value={values}
        onChange={onValues}
        pointer="/fields"
      />
      <Button
        leftSection={<IconExternalLink size={16} />}
        style={{ alignSelf: 'flex-start' }}
        disabled={typeof clientId !== 'string' || name === ''}
        loading={waiting}
        onClick={connect}
      >
        Connect
      </Button>
      {waiting && <WaitingForWindow title={component.title} onStop={stop} />}
      <ProblemAlert error={error} />
      <Button
        variant="subtle"
        size="compact-sm"
        style={{ alignSelf: 'flex-start' }}
        aria-expanded={own}
        onClick={toggle}
      >
        I have the tokens already
      </Button>
      <Collapse expanded={own} keepMounted={false}>
        <SchemaFields
          schema={part((field) => !asked.includes(field))}
          value={values}
          onChange={onValues}
          pointer="/fields"
        />
      </Collapse>
    </Stack>
  );
}
