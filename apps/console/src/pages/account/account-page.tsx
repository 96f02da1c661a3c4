import { Button, DataList, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconLogout } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useCurrentSession, useSignOut } from '../../api/session.js';
import { NameText } from '../../ui/name-text.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { When } from '../../ui/when.js';
import { ChangePasswordForm } from './change-password-form.js';

export function AccountPage(): ReactNode {
  const { user, workspace, expiresAt } = useCurrentSession();
  const signOut = useSignOut();
  const facts: { label: string; value: ReactNode }[] = [
    { label: 'Name', value: <NameText>{user.name}</NameText> },
    { label: 'E-mail address', value: <NameText>{user.email}</NameText> },
    { label: 'Role', value: user.role },
    { label: 'Workspace', value: <NameText>{workspace.name}</NameText> },
  ];
  return (
    <>
      <PageHeader title="Your account" description="Who you are here, your password and your sessions." />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: 'start' }}>
        <Stack gap="lg">
          <Paper component="section" withBorder p="lg" aria-labelledby="who">
            <Title order={2} size="h4" mb="sm" id="who">
              Who you are
            </Title>
            <DataList>
              {facts.map(({ label, value }) => (
                <DataList.Item key={label}>
                  <DataList.ItemLabel>{label}</DataList.ItemLabel>
                  <DataList.ItemValue miw={0}>{value}</DataList.ItemValue>
                </DataList.Item>
              ))}
            </DataList>
            <Text size="sm" c="dimmed" mt="md">
              Name, e-mail address and role are changed by an administrator, on the page “Users”.
            </Text>
          </Paper>
          <Paper component="section" withBorder p="lg" aria-labelledby="session">
            <Title order={2} size="h4" mb="sm" id="session">
              Your sessions
            </Title>
            <Stack gap="sm" align="flex-start">
              <Text size="sm">
                This one ends {expiresAt === null ? 'when you sign out' : <When time={expiresAt} />}
                {expiresAt !== null && ' unless you use it before'}. On another device you may be signed in, too: a
                change of your password ends all sessions but this one.
              </Text>
              <ProblemAlert error={signOut.error} />
              <Group>
                <Button
                  variant="default"
                  leftSection={<IconLogout size={16} aria-hidden="true" />}
                  loading={signOut.isPending}
                  onClick={() => signOut.mutate()}
                >
                  Sign out here
                </Button>
              </Group>
            </Stack>
          </Paper>
        </Stack>
        <Paper component="section" withBorder p="lg" aria-labelledby="password">
          <Title order={2} size="h4" mb="sm" id="password">
            Change password
          </Title>
          <ChangePasswordForm email={user.email} />
        </Paper>
      </SimpleGrid>
    </>
  );
}
