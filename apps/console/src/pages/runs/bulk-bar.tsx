import { Button, Group, Paper, Text } from '@mantine/core';
import { IconBan, IconRefresh, IconRotate2, type Icon } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { RunFilter as BulkFilter } from '../../api/schema.generated.js';
import { ActDialog } from './act-dialog.js';
import { actWords, countWords, statusesOfAct, type RunAction } from './act-words.js';
import type { RunLine } from './run-lines.js';
import classes from './runs.module.css';
import { useStartJob } from './use-bulk-job.js';

const signs: Readonly<Record<RunAction, Icon>> = { retry: IconRefresh, replay: IconRotate2, cancel: IconBan };
const actions: readonly RunAction[] = ['retry', 'replay', 'cancel'];
/** So many runs can be named to the control plane at a time. */
const maxNamed = 1_000;

export interface BulkBarProps {
  selected: readonly RunLine[];
  /** Acts on all that the list's filter lets through, loaded or not; undefined when a job cannot have that filter. */
  everything: BulkFilter | undefined;
  /** How many that are, in words. */
  everythingCount: string | undefined;
  onJob: (jobId: string) => void;
  onClear: () => void;
}

/** What can be done with the runs that are selected; is there as long as there are any. */
export function BulkBar({ selected, everything, everythingCount, onJob, onClear }: BulkBarProps): ReactNode {
  const [asked, setAsked] = useState<RunAction>();
  const [all, setAll] = useState(false);
  const start = useStartJob();
  const useAll = all && everything !== undefined;
  const countFor = (action: RunAction): number =>
    selected.filter(({ status }) => statusesOfAct[action].includes(status)).length;
  const close = (): void => {
    setAsked(undefined);
    start.reset();
  };
  return (
    <Paper
      component="section"
      className={classes['bulk'] ?? ''}
      withBorder
      shadow="md"
      p="xs"
      aria-label="Selected runs"
    >
      <Group gap="sm">
        <Text size="sm" fw={600} aria-live="polite">
          {useAll
            ? `All ${everythingCount ?? ''} runs of this list, loaded or not`
            : `${countWords(selected.length)} selected`}
        </Text>
        {everything !== undefined && (
          <Button size="compact-sm" variant="subtle" onClick={() => setAll(!all)}>
            {useAll ? 'Only the selected ones' : `Choose all ${everythingCount ?? ''} of this list`}
          </Button>
        )}
        {!useAll && selected.length > maxNamed && (
          <Text size="xs" c="dimmed">
            At most {maxNamed.toLocaleString('en')} can be acted on at a time.
          </Text>
        )}
        <Group gap="xs">
          {actions.map((action) => {
            const Sign = signs[action];
            return (
              <Button
                key={action}
                size="compact-sm"
                variant="default"
                disabled={!useAll && (countFor(action) === 0 || countFor(action) > maxNamed)}
                leftSection={<Sign size={15} aria-hidden="true" />}
                onClick={() => setAsked(action)}
              >
                {actWords[action].verb}
                {!useAll && ` ${countFor(action).toLocaleString('en')}`}
              </Button>
            );
          })}
        </Group>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
          Clear
        </Button>
      </Group>
      {asked !== undefined && (
        <ActDialog
          action={asked}
          target={useAll ? 'all runs of this list' : countWords(countFor(asked))}
          isPending={start.isPending}
          error={start.error}
          onClose={close}
          onConfirm={(version) => {
            const runIds = selected.filter(({ status }) => statusesOfAct[asked].includes(status)).map(({ id }) => id);
            const filter = useAll ? everything : { runIds };
            start.mutate(
              { action: asked, filter, ...(version && { version }) },
              {
                onSuccess: (job) => {
                  close();
                  onClear();
                  onJob(job.id);
                },
              },
            );
          }}
        />
      )}
    </Paper>
  );
}
