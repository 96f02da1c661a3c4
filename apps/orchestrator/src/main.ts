import { runProcess } from '@millrace/platform';
import { startOrchestrator } from './app.js';
import { readConfig } from './config.js';

await runProcess({
  service: 'orchestrator',
  env: process.env,
  start: (logger, reached) => startOrchestrator(readConfig(process.env), logger, reached),
});
