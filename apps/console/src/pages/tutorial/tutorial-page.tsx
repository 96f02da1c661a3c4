import { Alert, Button, Group, Progress, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconConfetti, IconSchool } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingRows } from '../../ui/loading.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { TutorialItem } from './tutorial-item.js';
import { useTutorial } from './use-tutorial.js';

/** The first flow as a list of steps that are ticked off by what there really is. */
export function TutorialPage(): ReactNode {
  const tutorial = useTutorial();
  const { begun, steps, flow } = tutorial;
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done);
  return (
    <>
      <PageHeader
        title="Tutorial"
        description="Your first flow: a webhook takes a pet and the Petstore API keeps it. It takes about ten minutes."
        actions={
          begun && (
            <Button variant="default" onClick={tutorial.begin}>
              Begin anew
            </Button>
          )
        }
      />
      {!begun && (
        <EmptyState
          title="Build your first flow"
          icon={<IconSchool size={28} />}
          action={<Button onClick={tutorial.begin}>Begin the tutorial</Button>}
        >
          You do each step on the real pages; this page says what is next and ticks off what is done. You can leave it
          and come back at any time.
        </EmptyState>
      )}
      {begun && (
        <Stack>
          <ProblemAlert error={tutorial.error} onRetry={tutorial.retry} />
          {tutorial.isPending ? (
            <LoadingRows count={8} />
          ) : (
            <>
              <Group gap="md" wrap="nowrap">
                <Progress value={(done / steps.length) * 100} flex={1} aria-label="Steps that are done" />
                <Text size="sm" fw={600}>
                  {done} of {steps.length}
                </Text>
              </Group>
              <VisuallyHidden aria-live="polite">{next ? `Next: ${next.title}` : 'All steps are done'}</VisuallyHidden>
              {!next && <Finished />}
              <Stack component="ol" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
                {steps.map((step, index) => (
                  <TutorialItem key={step.id} step={step} number={index + 1} next={step === next} flow={flow} />
                ))}
              </Stack>
            </>
          )}
        </Stack>
      )}
    </>
  );
}

function Finished(): ReactNode {
  return (
    <Alert color="cyan" title="Your flow works, and only for those who may" icon={<IconConfetti aria-hidden="true" />}>
      <Group>
        <Text size="sm">Look at its runs on the dashboard, or make another flow with other components.</Text>
        <Button component={Link} to="/" size="xs">
          To the dashboard
        </Button>
        <Button component={Link} to="/components" size="xs" variant="default">
          Look at the components
        </Button>
      </Group>
    </Alert>
  );
}
