import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';

const description = `The control plane of Millrace.

Sign in with \`POST /v1/sessions\` and send the token as \`Authorization: Bearer TOKEN\`; browsers use the cookie instead.
Errors are problem details (RFC 9457) with a stable \`code\`. Lists are \`{ "items": [...], "nextCursor": … }\`. Ids are
UUIDs, with or without dashes. Every answer has an \`x-request-id\`, which the log of the process holds too.`;

const problemSchema = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'stable; branch on it' },
    detail: { type: 'string', description: 'what is wrong this time and what helps' },
    requestId: { type: 'string' },
    problems: {
      type: 'array',
      description: 'the faults of single fields',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'JSON pointer' },
          code: { type: 'string' },
          message: { type: 'string' },
        },
        required: ['pointer', 'code', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'requestId'],
  additionalProperties: true,
};

/**
 * A zod schema as OpenAPI 3.0 has it, with the named schemas that it uses. Zod writes `z.json()` as a recursive schema
 * without a name, which would clash with that of the next route: any JSON value is `{}` here.
 */
function convertSchema(
  schema: unknown,
  { schemaType }: { schemaType: 'input' | 'output' },
): { schema: object; components: Record<string, unknown> } | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const whole = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: schemaType,
    // The name of a format, and being an integer, say it better to a reader.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { definitions = {}, ...rest } = withoutAnonymous(whole) as { definitions?: Record<string, unknown> };
  return { schema: rest, components: definitions };
}

const anonymous = /^#\/definitions\/__schema\d+$/;

function withoutAnonymous(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnonymous);
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...members } = value as Record<string, unknown>;
  const kept = Object.entries(members).filter(([name]) => !/^__schema\d+$/.test(name) && name !== '$schema');
  const result = Object.fromEntries(kept.map(([name, member]) => [name, withoutAnonymous(member)]));
  if (JSON.stringify(result['allOf']) === '[{}]') delete result['allOf'];
  return typeof $ref === 'string' && !anonymous.test($ref) ? { ...result, $ref } : result;
}

/** The OpenAPI document of all routes. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Millrace')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer' })
    .addCookieAuth('millrace_session')
    .addGlobalResponse({
      status: 'default',
      description: 'Any other problem',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (_controller, method) => method,
    standardSchemaConverter: convertSchema,
  });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema },
  };
  return document;
}

/** Serves the document at `/v1/openapi.json` and a page that shows it at `/v1/docs`, from this process alone. */
export function serveOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('v1/docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'v1/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Millrace API',
    customCss: '.swagger-ui .topbar { display: none }',
  });
}
