import { Anchor, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { Component, Credential } from '../../api/schema.generated.js';
import { CardTable } from '../../ui/card-table.js';
import { NameText } from '../../ui/name-text.js';
import { When } from '../../ui/when.js';
import { CredentialMenu } from './credential-menu.js';
import { CredentialState } from './credential-state.js';
import { kindWords } from './dialog/credential-types.js';
import { UsedBy } from './used-by.js';

export interface CredentialTableProps {
  credentials: readonly Credential[];
  components: readonly Component[];
}

/** The credentials with their component, state, and the flows that use them. */
export function CredentialTable({ credentials, components }: CredentialTableProps): ReactNode {
  const [verifying, setVerifying] = useState<ReadonlySet<string>>(new Set());
  const noteVerifying = (id: string, is: boolean): void =>
    setVerifying((before) => {
      const after = new Set(before);
      if (is) after.add(id);
      else after.delete(id);
      return after;
    });
  const componentOf = (credential: Credential) => components.find(({ name }) => name === credential.component);
  return (
    <CardTable
      label="Credentials"
      rows={credentials}
      rowKey={({ id }) => id}
      columns={[
        {
          label: 'Name',
          width: '24%',
          render: (credential) => (
            <>
              <Text fw={600} component="div">
                <NameText>{credential.name}</NameText>
              </Text>
              <Text size="xs" c="dimmed" component="div">
                {kindWords(componentOf(credential)?.credentials?.fields, credential)}
              </Text>
            </>
          ),
        },
        {
          label: 'Component',
          width: '14%',
          render: (credential) => (
            <Anchor component={Link} to={`/components/${encodeURIComponent(credential.component)}`} size="sm">
              <NameText>{componentOf(credential)?.title ?? credential.component}</NameText>
            </Anchor>
          ),
        },
        {
          label: 'State',
          width: '20%',
          render: (credential) => <CredentialState credential={credential} verifying={verifying.has(credential.id)} />,
        },
        { label: 'Used by', width: '28%', render: ({ usedBy }) => <UsedBy flows={usedBy} /> },
        { label: 'Changed', render: ({ updatedAt }) => <When time={updatedAt} /> },
        {
          label: 'Actions',
          bare: true,
          render: (credential) => (
            <CredentialMenu
              credential={credential}
              component={componentOf(credential)}
              onVerifying={(is) => noteVerifying(credential.id, is)}
            />
          ),
        },
      ]}
    />
  );
}
