import { Anchor, Center, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect, type ReactNode } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { useSession } from '../../api/session.js';
import { Logo } from '../../shell/logo.js';
import { SignInForm } from '../../shell/sign-in-form.js';
import { placeAfterSignIn } from '../../shell/sign-in-path.js';

/** Signs in and goes on to where one wanted to be. */
export function SignInPage(): ReactNode {
  const session = useSession();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const place = placeAfterSignIn(search.get('from'));
  const [hintShown, hint] = useDisclosure(false);
  useEffect(() => {
    document.querySelector<HTMLInputElement>('input[name="email"]')?.focus();
  }, []);

  if (session.data) return <Navigate to={place} replace />;
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
        <Anchor component="button" type="button" size="sm" ta="center" aria-expanded={hintShown} onClick={hint.toggle}>
          Here for the first time?
        </Anchor>
        {hintShown && (
          <Text size="sm" component="div">
            The first administrator is made when Millrace is set up: <Code>npm start</Code> prints the e-mail address
            and the password; in containers they are <Code>ADMIN_EMAIL</Code> and <Code>ADMIN_PASSWORD</Code> of the
            settings. Everyone else gets an account from an administrator, on the page “Users”.
          </Text>
        )}
      </Stack>
    </Center>
  );
}
