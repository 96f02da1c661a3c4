import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconSchool } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useTutorial } from './use-tutorial.js';

/** Offers the tutorial, or leads on in it; for the dashboard. Gone when all of it is done. */
export function TutorialCard(): ReactNode {
  const { begun, steps, hidden, isPending, begin, leave } = useTutorial();
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done);
  if (hidden || (begun && (isPending || !next))) return null;
  return (
    <Paper component="section" withBorder p="md" mb="lg" aria-labelledby="tutorial-card">
      <Group justify="space-between">
        <Group wrap="nowrap" flex="1 1 280px" miw={0}>
          <IconSchool size={28} aria-hidden="true" style={{ flex: 'none' }} />
          <Stack gap={2} miw={0}>
            <Title order={2} size="h5" id="tutorial-card">
              {begun ? `Tutorial: ${done} of ${steps.length} done` : 'New here? Build your first flow'}
            </Title>
            <Text size="sm" c="dimmed">
              {begun
                ? `Next: ${next?.title ?? ''}`
                : 'A webhook takes a pet and the Petstore API keeps it, step by step.'}
            </Text>
          </Stack>
        </Group>
        <Group gap="xs">
          <Button variant="subtle" onClick={leave}>
            {begun ? 'Leave it' : 'Hide'}
          </Button>
          <Button component={Link} to="/tutorial" onClick={begun ? undefined : begin}>
            {begun ? 'Go on' : 'Begin the tutorial'}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}
