import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Beside this app, in a clone as in an image. */
export const builtConsole = path.resolve(import.meta.dirname, '../../../console/dist/web');

/** Nothing but what this origin serves; no script may stand inside a page. Mantine writes styles at run time. */
export const consolePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** What is never a page of the console, whatever a browser says that it accepts. */
const notConsole = /^\/(?:v1|health|component|hook|assets)(?:[/?]|$)/;

export interface ConsoleFiles {
  /** The folder that the console was built into. */
  folder: string;
}

/**
 * Serves the console: its hashed files for ever, and its one page at every address that a browser opens and that is no
 * route of the control plane. Where the console is not built, the page says how to build it. Public: the files hold
 * nothing of any workspace.
 */
export async function consoleRoute(fastify: FastifyInstance, { folder }: ConsoleFiles): Promise<void> {
  const assets = path.join(folder, 'assets');
  if (existsSync(assets)) {
    await fastify.register(fastifyStatic, {
      root: assets,
      prefix: '/assets/',
      index: false,
      decorateReply: false,
      preCompressed: true,
      maxAge: '365d',
      immutable: true,
      cacheControl: true,
      setHeaders: (reply) => void reply.removeHeader('pragma'),
    });
  }
  fastify.get('/', (request, reply) => sendPage(request, reply, folder));
  fastify.get('/*', (request, reply) => {
    if (notConsole.test(request.url) || !acceptsPage(request)) return reply.callNotFound();
    return sendPage(request, reply, folder);
  });
}

/** What is asked for as a page. Scripts, pictures and calls of programs accept something else. */
function acceptsPage(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') ?? false;
}

async function sendPage(_request: FastifyRequest, reply: FastifyReply, folder: string): Promise<FastifyReply> {
  const page = await readPage(folder);
  // Names the hashed files of this build, so it has to be asked for each time.
  return reply
    .header('cache-control', 'no-cache')
    .header('content-security-policy', consolePolicy)
    .type('text/html; charset=utf-8')
    .send(page);
}

async function readPage(folder: string): Promise<string> {
  try {
    return await readFile(path.join(folder, 'index.html'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return notBuiltPage;
    throw error;
  }
}

const notBuiltPage = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>Millrace</title>
</head>
<body>
  <main>
    <h1>Millrace</h1>
    <p>The control plane runs, but its console is not built. Build it in the root of the repository and load this page again:</p>
    <pre>npm run build -w @millrace/console</pre>
    <ul>
      <li><a href="/v1/docs">API documentation</a></li>
      <li><a href="/v1/openapi.json">OpenAPI document</a></li>
      <li><a href="/health/ready">Health</a></li>
    </ul>
  </main>
</body>
</html>
`;
