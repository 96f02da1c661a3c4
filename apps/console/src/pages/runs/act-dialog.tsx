import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { VersionChoice } from '../../api/schema.generated.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { actWords, defaultVersion, type RunAction } from './act-words.js';

export interface ActDialogProps {
  action: RunAction;
  /** What it is done to: "3 runs", "this run", "step_2 and what follows it". */
  target: string;
  /** The version that is chosen at first, where there is a better one than the usual. */
  suggests?: VersionChoice | undefined;
  isPending: boolean;
  error: Error | null;
  onConfirm: (version: VersionChoice | undefined) => void;
  onClose: () => void;
  children?: ReactNode;
}

/** Asks before runs are retried, replayed or cancelled, and by which version of the flow. Stays open when it fails. */
export function ActDialog(props: ActDialogProps): ReactNode {
  const { action, target, suggests, isPending, error, onConfirm, onClose, children } = props;
  const words = actWords[action];
  const [chosen, choose] = useState<VersionChoice>();
  const version = chosen ?? suggests ?? defaultVersion[action];
  return (
    <Dialog onClose={onClose} title={`${words.verb} ${target}?`} centered>
      <Stack>
        <Text size="sm">{words.explains}</Text>
        {children}
        {version !== undefined && (
          <Radio.Group label="Version of the flow" value={version} onChange={(value) => choose(value)}>
            <Stack gap="xs" mt="xs">
              <Radio
                value="same"
                label="The version that the run began with"
                description={action === 'retry' ? 'With the inputs as they were' : undefined}
              />
              <Radio
                value="current"
                label="The published version"
                description={
                  action === 'retry' ? 'Inputs are mapped anew: choose it after you have mended the flow' : undefined
                }
              />
            </Stack>
          </Radio.Group>
        )}
        <ProblemAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {action === 'cancel' ? 'Keep it' : 'Not now'}
          </Button>
          <Button
            {...(action === 'cancel' && { color: 'red' })}
            loading={isPending}
            data-autofocus
            onClick={() => onConfirm(version)}
          >
            {action === 'cancel' ? `${words.verb} ${target}` : words.verb}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
