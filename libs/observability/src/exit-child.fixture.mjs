/*
 * A process that logs one line, then, as soon as it is told something, many more, and exits at once. Runs the built
 * library, so `npx tsc -b libs/observability` comes first.
 */
import { createLogger } from '@millrace/observability';

const logger = createLogger({ service: 'exit-child' });
logger.info('ready');
process.stdin.once('data', () => {
  for (let line = 0; line < 500; line += 1) logger.info({ line }, 'last words');
  process.exit(3);
});
