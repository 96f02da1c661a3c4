import { Button, Code, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { ApiToken } from '../../api/schema.generated.js';
import { askFirst } from '../../ui/ask-first.js';
import { CardTable } from '../../ui/card-table.js';
import { NameText } from '../../ui/name-text.js';
import { notifyProblem } from '../../ui/notify-problem.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { When } from '../../ui/when.js';
import { shortName } from '../../ui/short-name.js';

/** The tokens with what they may, how long they are good, and when they were last used. */
export function TokenTable({ tokens }: { tokens: readonly ApiToken[] }): ReactNode {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: ({ id }: ApiToken) =>
      unwrap(api.DELETE('/v1/api-tokens/{apiTokenId}', { params: { path: { apiTokenId: id } } })),
    onSuccess: (_nothing, { name }) => {
      void client.invalidateQueries({ queryKey: [keys.apiTokens] });
      notifications.show({ message: `API token ${shortName(name)} is revoked.` });
    },
    onError: notifyProblem,
  });
  const ask = (token: ApiToken): void =>
    askFirst({
      title: `Revoke the API token ${shortName(token.name)}?`,
      body: `Programs that sign in with ${token.prefix}… are refused from now on. This cannot be taken back; a new token can be made at any time.`,
      confirm: 'Revoke',
      onConfirm: () => revoke.mutate(token),
    });
  return (
    <CardTable
      label="API tokens"
      rows={tokens}
      rowKey={({ id }) => id}
      columns={[
        {
          label: 'Name',
          width: '26%',
          render: ({ name, prefix }) => (
            <>
              <Text fw={600} component="div">
                <NameText>{name}</NameText>
              </Text>
              <Code>{prefix}…</Code>
            </>
          ),
        },
        { label: 'Role', render: ({ role }) => role },
        { label: 'Acts for', render: ({ createdBy }) => <NameText>{createdBy.email}</NameText> },
        {
          label: 'Last used',
          render: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : <When time={lastUsedAt} />),
        },
        {
          label: 'Expires',
          render: ({ expired, expiresAt }) =>
            expired ? <StatusBadge status="expired" /> : expiresAt === null ? 'never' : <When time={expiresAt} />,
        },
        { label: 'Created', render: ({ createdAt }) => <When time={createdAt} /> },
        {
          label: 'Actions',
          bare: true,
          render: (token) => (
            <Button
              size="xs"
              variant="default"
              aria-label={`Revoke ${token.name}`}
              loading={revoke.isPending && revoke.variables.id === token.id}
              onClick={() => ask(token)}
            >
              Revoke
            </Button>
          ),
        },
      ]}
    />
  );
}
