import { defineComponent, trigger } from '@millrace/component-sdk';
import { z } from 'zod';

const tick = trigger.polling({
  title: 'Tick',
  description: 'Sets the flow off at each time of the schedule of its step: a cron expression or an interval.',
  output: z.object({
    scheduledAt: z.string().describe('Time of the schedule, ISO 8601 in UTC'),
    firedAt: z.string().describe('Time at which the flow was set off, ISO 8601 in UTC'),
  }),
  run: ({ input }) => ({ scheduledAt: input.scheduledAt, firedAt: new Date().toISOString() }),
});

export const timer = defineComponent({
  name: 'timer',
  title: 'Timer',
  description: 'Sets flows off on a schedule.',
  version: '1.0.0',
  triggers: { tick },
});
