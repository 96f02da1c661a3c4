import { runProcess } from '@millrace/platform';
import { startApi } from './app.js';
import { readConfig } from './config.js';

await runProcess({
  service: 'api',
  env: process.env,
  start: (logger, reached) => startApi(readConfig(process.env), logger, reached),
});
