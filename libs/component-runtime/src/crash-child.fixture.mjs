/*
 * A component with a step that kills its process and one that takes a while. Runs the built library, so
 * `npx tsc -b libs/component-runtime` comes first.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { startComponent } from '@millrace/component-runtime';
import { action, defineComponent } from '@millrace/component-sdk';
import { createLogger } from '@millrace/observability';
import { z } from 'zod';

const anything = { input: z.unknown(), output: z.unknown() };
const component = defineComponent({
  name: 'fragile',
  title: 'Fragile',
  version: '1.0.0',
  actions: {
    kill: action({
      ...anything,
      title: 'Kill',
      run: () => delay(100).then(() => process.kill(process.pid, 'SIGKILL')),
    }),
    work: action({ ...anything, title: 'Work', run: () => delay(300, 'done') }),
  },
});

await startComponent({
  component,
  env: { AMQP_URL: process.argv[2], HEALTH_PORT: '0' },
  logger: createLogger({ service: 'crash-child', level: 'silent' }),
});
