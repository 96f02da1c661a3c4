import { Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Logo } from './logo.js';

/** What is around a page that one opens before one is signed in. */
export function BeforeSignIn({
  title,
  intro,
  children,
}: {
  title: string;
  intro: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <Center component="main" mih="100dvh" p="md">
      <title>{`${title} · Millrace`}</title>
      <Stack w="100%" maw={440}>
        <Group justify="center" gap="sm">
          <Logo size={40} />
          <Text size="xl" fw={700}>
            Millrace
          </Text>
        </Group>
        <Title order={1} size="h3" ta="center">
          {title}
        </Title>
        <Text ta="center" c="dimmed" component="div">
          {intro}
        </Text>
        <Paper withBorder p="lg" radius="md">
          {children}
        </Paper>
      </Stack>
    </Center>
  );
}
