// A component with one action, which asks a target that takes its time. A process of its own.
import { runComponent } from '@millrace/component-runtime';
import { action, defineComponent } from '@millrace/component-sdk';
import { z } from 'zod';
import { benchComponentName } from './step-load.js';

const settings = z.object({ TARGET_URL: z.url() });

await runComponent(
  defineComponent({
    name: benchComponentName,
    title: 'Bench',
    version: '1.0.0',
    settings,
    actions: {
      ask: action({
        title: 'Ask the target',
        input: z.object({ name: z.string() }),
        output: z.unknown(),
        settings,
        run: async ({ input, http, settings }) => {
          const answer = await http.post(settings.TARGET_URL, { json: input });
          return answer.json(z.unknown());
        },
      }),
    },
  }),
);
