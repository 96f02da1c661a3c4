import { Button, Group, Paper, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled, IconCircleDotFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Flow } from '../../api/schema.generated.js';
import { TutorialHelp } from './tutorial-help.js';
import classes from './tutorial.module.css';
import type { TutorialStep } from './tutorial-steps.js';

export interface TutorialItemProps {
  step: TutorialStep;
  number: number;
  /** Whether it is the first that is not done. */
  next: boolean;
  flow: Flow | undefined;
}

/** One step: its sign, its title and, while it is the next one, what to do and the way there. */
export function TutorialItem({ step, number, next, flow }: TutorialItemProps): ReactNode {
  const Sign = step.done ? IconCircleCheckFilled : next ? IconCircleDotFilled : IconCircle;
  return (
    <Paper component="li" withBorder p="md" data-next={next} data-done={step.done} className={classes['step'] ?? ''}>
      <Group align="flex-start" wrap="nowrap">
        <Sign className={classes['sign'] ?? ''} size={22} aria-hidden="true" />
        <Stack gap="xs" flex={1} miw={0}>
          <Title order={2} size="h5">
            {number}. {step.title}
            <VisuallyHidden>{step.done ? ' (done)' : next ? ' (next)' : ''}</VisuallyHidden>
          </Title>
          {next && (
            <>
              <Text size="sm" component="div">
                <TutorialHelp id={step.id} flow={flow} />
              </Text>
              <div>
                <Button component={Link} to={step.to} size="xs">
                  {step.link}
                </Button>
              </div>
            </>
          )}
        </Stack>
      </Group>
    </Paper>
  );
}
