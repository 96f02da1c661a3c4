import 'reflect-metadata';
import { createLogger } from '@millrace/observability';
import { createHttpApp } from '@millrace/platform';
import { apiModule } from './api-module.js';
import type { ApiDeps } from './deps.js';
import { maxBodyBytes } from './http/edge.js';
import { openApiDocument } from './http/openapi.js';

// Prints the OpenAPI document: `node apps/api/dist/openapi.cli.js`. The document follows from what the routes declare,
// so neither a database nor a broker is needed, and no handler is ever called.
const logger = createLogger({ service: 'openapi', level: 'silent' });
const app = await createHttpApp(apiModule({} as ApiDeps), { logger, maxBodyBytes });
process.stdout.write(`${JSON.stringify(openApiDocument(app), null, 2)}\n`);
await app.close();
