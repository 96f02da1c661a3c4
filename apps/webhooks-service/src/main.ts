import { runProcess } from '@millrace/platform';
import { startWebhooksService } from './app.js';
import { readConfig } from './config.js';

await runProcess({
  service: 'webhooks-service',
  env: process.env,
  start: (logger, reached) => startWebhooksService(readConfig(process.env), logger, {}, reached),
});
