import { Button, Drawer, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import type { FlowSettings } from '@millrace/flow-model';
import type { ReactNode } from 'react';
import { monospace } from '../../../forms/monospace.js';
import { changeSettings } from '../draft/edits.js';
import { useDraft } from '../draft/use-draft.js';

export interface SettingsDrawerProps {
  opened: boolean;
  onClose: () => void;
}

const failurePolicies = [
  { value: 'continue', label: 'The next one of its key begins' },
  { value: 'block', label: 'Those of its key wait until it was retried with success or cancelled' },
  { value: 'park', label: 'Those of its key wait until the key is released by hand' },
];

/** How the runs of the flow begin. It is part of the draft: saved as it is typed, undone like any change, in force once published. */
export function SettingsDrawer({ opened, onClose }: SettingsDrawerProps): ReactNode {
  const { draft, edit, problems, select } = useDraft();
  const settings = draft.settings ?? {};
  const change = (part: Partial<FlowSettings>): void =>
    edit((before) => changeSettings(before, { ...before.settings, ...part }));
  const faultAt = (field: string): string | undefined =>
    problems.find((problem) => problem.stepId === null && problem.field.startsWith(`/settings/${field}`))?.message;
  const [trigger] = draft.steps;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="md"
      title="Flow settings"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          They are saved with the draft and hold once it is published.
        </Text>
        <NumberInput
          label="Runs at a time"
          description="Runs beyond that number wait as queued. Empty: as many as come."
          min={1}
          max={10_000}
          allowDecimal={false}
          clampBehavior="strict"
          value={settings.concurrency ?? ''}
          error={faultAt('concurrency')}
          onChange={(value) => change({ concurrency: numberOf(value) })}
        />
        <TextInput
          label="Order by key"
          description="An expression over the body and $request. Runs with the same value run one after another, others in parallel. Empty: not ordered."
          placeholder="order.id"
          maxLength={2_000}
          spellCheck={false}
          styles={monospace}
          value={settings.order?.key ?? ''}
          error={faultAt('order')}
          onChange={(event) => {
            const key = event.currentTarget.value;
            change({ order: key === '' ? undefined : { ...settings.order, key } });
          }}
        />
        {settings.order && (
          <Select
            label="When a run of a key fails"
            data={failurePolicies}
            allowDeselect={false}
            value={settings.order.onFailure ?? 'continue'}
            onChange={(value) => {
              if (settings.order && value) {
                change({
                  order: { ...settings.order, onFailure: value as NonNullable<FlowSettings['order']>['onFailure'] },
                });
              }
            }}
          />
        )}
        <NumberInput
          label="Runs a second after a pause"
          description="How many of the runs that queued up while the flow was paused begin in a second. Empty: as many as can."
          min={0.1}
          max={100_000}
          clampBehavior="blur"
          value={settings.resumePerSecond ?? ''}
          error={faultAt('resumePerSecond')}
          onChange={(value) => change({ resumePerSecond: numberOf(value) })}
        />
        {trigger?.component === 'webhook' && (
          <Stack gap="xs">
            <Text size="sm" fw={600}>
              Webhook URL
            </Text>
            <Text size="sm" c="dimmed">
              Methods, answer, deduplication, limits and calls from browsers are settings of the trigger.
            </Text>
            <Button
              variant="default"
              onClick={() => {
                onClose();
                select(trigger.id, '/config');
              }}
            >
              Open the trigger
            </Button>
          </Stack>
        )}
      </Stack>
    </Drawer>
  );
}

/** What is not finished yet, such as "0.", comes as a text. */
function numberOf(value: number | string): number | undefined {
  return value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value);
}
