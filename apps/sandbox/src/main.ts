import { runProcess } from '@millrace/platform';
import { startSandbox } from './sandbox.js';

await runProcess({
  service: 'sandbox',
  env: process.env,
  start: (logger) => startSandbox(process.env, logger),
});
