import { Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { useSession } from '../../api/session.js';
import { Logo } from '../../shell/logo.js';
import { SignInForm } from '../../shell/sign-in-form.js';
import { useSetupState } from '../setup/use-setup-state.js';
import { placeAfterSignIn } from '../../shell/sign-in-path.js';

/** Signs in and goes on to where one wanted to be. */
export function SignInPage(): ReactNode {
  const session = useSession();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const place = placeAfterSignIn(search.get('from'));
  const setup = useSetupState();
  useEffect(() => {
    document.querySelector<HTMLInputElement>('input[name="email"]')?.focus();
  }, []);

  if (session.data) return <Navigate to={place} replace />;
  // Nobody could sign in.
  if (setup.data?.needed) return <Navigate to="/setup" replace />;
  return (
    <Center component="main" mih="100dvh" p="md">
      <title>Sign in · Millrace</title>
      <Stack w="100%" maw={400}>
        <Group justify="center" gap="sm">
          <Logo size={40} />
          <Title order={1} size="h2">
            Millrace
          </Title>
        </Group>
        <Text ta="center" c="dimmed">
          Integration flows that webhooks set off
        </Text>
        <Paper withBorder p="lg" radius="md">
          <SignInForm onSignedIn={() => void navigate(place, { replace: true })} />
        </Paper>
        <Text size="sm" c="dimmed" ta="center">
          Here for the first time? An administrator of your workspace gives you a link, on the page “Users”.
        </Text>
      </Stack>
    </Center>
  );
}
