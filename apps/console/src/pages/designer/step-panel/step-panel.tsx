import { CloseButton, Group, Stack, Text, Title } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { useCatalogue } from '../../../api/catalogue.js';
import { LoadingRows } from '../../../ui/loading.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { stepWords } from '../steps/step-view.js';
import { StepContext } from './step-context.js';
import { StepStages } from './step-stages.js';
import classes from './step-panel.module.css';
import { useOpenStep } from './use-open-step.js';

export interface StepPanelProps {
  /** A step of the open draft. */
  stepId: string;
  onClose: () => void;
}

/** Leads through one step of the draft, stage by stage. Give it the id of the step as its key. */
export function StepPanel({ stepId, onClose }: StepPanelProps): ReactNode {
  const catalogue = useCatalogue();
  const components = useMemo(() => catalogue.data ?? [], [catalogue.data]);
  const open = useOpenStep({ stepId, components, close: onClose });
  if (!open) return null;
  const byName = new Map(components.map((component) => [component.name, component]));
  const { title, subtitle } = stepWords(open.step, byName, open.isTrigger);
  const known = [subtitle, open.step.id, open.isTrigger ? 'trigger' : 'action'];
  return (
    <section className={classes['panel']} aria-label={`Step ${title}`}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb="sm">
        <Stack gap={0} miw={0}>
          <Title order={2} size="h4" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          <Text size="xs" c="dimmed">
            {[...new Set(known)].join(' · ')}
          </Text>
        </Stack>
        <CloseButton aria-label="Close the step" onClick={onClose} />
      </Group>
      {catalogue.isPending ? (
        <LoadingRows count={4} label="Loading the components" />
      ) : catalogue.isError && components.length === 0 ? (
        <ProblemAlert error={catalogue.error} onRetry={catalogue.refetch} />
      ) : (
        <StepContext value={open}>
          <StepStages components={components} />
        </StepContext>
      )}
    </section>
  );
}
