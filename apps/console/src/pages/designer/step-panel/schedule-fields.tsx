import { NumberInput, Radio, Stack, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useStep } from './step-context.js';
import { monospace } from '../../../forms/monospace.js';
import { scheduleWords, usualSchedule } from './schedule-words.js';

/** When a polling trigger looks for something new. */
export function ScheduleFields({ problems }: { problems: ReadonlyMap<string, string> }): ReactNode {
  const { step, change } = useStep();
  const schedule = step.schedule ?? usualSchedule;
  const byCron = schedule.cron !== undefined;
  return (
    <Stack gap="sm" data-pointer="/schedule">
      <Radio.Group
        label="When"
        value={byCron ? 'cron' : 'interval'}
        error={problems.get('/schedule')}
        onChange={(value) => change({ schedule: value === 'cron' ? { cron: '0 * * * *' } : usualSchedule })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="interval" label="Every so many seconds" />
          <Radio value="cron" label="At times of day (cron)" />
        </Stack>
      </Radio.Group>
      {byCron ? (
        <>
          <TextInput
            label="Cron expression"
            description="Minute, hour, day of the month, month and day of the week"
            required
            styles={monospace}
            value={schedule.cron ?? ''}
            error={problems.get('/schedule/cron')}
            data-pointer="/schedule/cron"
            onChange={(event) => change({ schedule: { ...schedule, cron: event.currentTarget.value } })}
          />
          <TextInput
            label="Time zone"
            description="UTC when left out"
            placeholder="Europe/Berlin"
            value={schedule.timeZone ?? ''}
            error={problems.get('/schedule/timeZone')}
            data-pointer="/schedule/timeZone"
            onChange={(event) => {
              const { timeZone: _before, ...rest } = schedule;
              const timeZone = event.currentTarget.value.trim();
              change({ schedule: timeZone === '' ? rest : { ...rest, timeZone } });
            }}
          />
        </>
      ) : (
        <NumberInput
          label="Seconds"
          description={schedule.everySeconds ? `It looks for something new ${scheduleWords(schedule)}.` : undefined}
          required
          min={5}
          allowDecimal={false}
          clampBehavior="none"
          value={schedule.everySeconds ?? ''}
          error={problems.get('/schedule/everySeconds')}
          data-pointer="/schedule/everySeconds"
          onChange={(value) => change({ schedule: value === '' ? {} : { everySeconds: Number(value) } })}
        />
      )}
    </Stack>
  );
}
