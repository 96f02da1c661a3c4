import { Alert, Button, List, Stack, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { Component } from '../../../api/schema.generated.js';
import { notifyProblem } from '../../../ui/notify-problem.js';
import { addAfter } from '../draft/edits.js';
import { useDraft } from '../draft/use-draft.js';
import { titleOf } from '../steps/step-view.js';
import { useLatest } from '../steps/use-latest.js';
import { StageButtons } from './stage-buttons.js';
import { stageOfField, type Stage } from './stages.js';
import { useStep } from './step-context.js';

export interface SummaryStageProps {
  components: readonly Component[];
  onOpen: (stage: Stage) => void;
  onBack: () => void;
}

/** Name and note of the step, and what is still missing. */
export function SummaryStage({ components, onOpen, onBack }: SummaryStageProps): ReactNode {
  const { step, isTrigger, problems, change, close } = useStep();
  const { draft, edit, select, saveNow, saveProblem } = useDraft();
  const latestProblem = useLatest(saveProblem);
  const [leaving, setLeaving] = useState<'finish' | 'add'>();
  const isLast = !draft.edges.some(({ from }) => from === step.id);
  // A trigger alone does nothing: what follows it is chosen next.
  const leadsOn = isTrigger && isLast;
  const leave = async (way: 'finish' | 'add'): Promise<void> => {
    setLeaving(way);
    if (way === 'add') {
      let added: string | null = null;
      edit((before, newId) => {
        added = newId();
        return addAfter(before, step.id, added);
      });
      select(added);
      return;
    }
    const saved = await saveNow();
    setLeaving(undefined);
    if (saved) close();
    else if (latestProblem.current) notifyProblem(latestProblem.current);
  };
  return (
    <Stack gap="md">
      <TextInput
        label="Step name"
        placeholder={titleOf(
          { ...step, name: undefined },
          new Map(components.map((one) => [one.name, one])),
          isTrigger,
        )}
        maxLength={200}
        value={step.name ?? ''}
        onChange={(event) => change({ name: event.currentTarget.value || undefined })}
        data-pointer="/name"
      />
      <Textarea
        label="Note"
        description="What this step is for, for whoever looks at it later"
        autosize
        minRows={2}
        maxRows={10}
        maxLength={10_000}
        value={step.note ?? ''}
        onChange={(event) => change({ note: event.currentTarget.value || undefined })}
        data-pointer="/note"
      />
      {problems.size === 0 ? (
        <Text size="sm" c="dimmed">
          <IconCircleCheck size={16} aria-hidden="true" style={{ verticalAlign: '-3px' }} /> Nothing is missing.
        </Text>
      ) : (
        <Alert color="yellow" title="Still missing">
          <List size="sm">
            {[...problems].map(([field, message]) => (
              <List.Item key={`${field} ${message}`}>
                <UnstyledButton
                  td="underline"
                  fz="sm"
                  onClick={() => {
                    onOpen(stageOfField(field));
                    select(step.id, field);
                  }}
                >
                  {message}
                </UnstyledButton>
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {leadsOn && (
        <Text size="sm" c="dimmed">
          Next you choose what shall happen with the data.
        </Text>
      )}
      <StageButtons onBack={onBack}>
        <Button loading={leaving === 'finish'} onClick={() => void leave(leadsOn ? 'add' : 'finish')}>
          Finish step
        </Button>
        {isLast && !leadsOn && (
          <Button variant="light" loading={leaving === 'add'} onClick={() => void leave('add')}>
            Add another step
          </Button>
        )}
      </StageButtons>
    </Stack>
  );
}
