import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { problemTable, type ProblemCode } from './problems.js';

/** Declares the status and shape of a route's success; the shape goes into the OpenAPI document. */
export function Answers(status: number, description: string, schema?: z.ZodType): MethodDecorator {
  return applyDecorators(
    HttpCode(status),
    ApiResponse({ status, description, ...(schema && { standardSchema: schema }) }),
  );
}

/** Declares the problems that a route answers besides those that every route can. */
export function Refuses(...codes: ProblemCode[]): MethodDecorator {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = problemTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return applyDecorators(
    ...[...byStatus].map(([status, same]) =>
      ApiResponse({
        status,
        description: same.map((code) => `\`${code}\`: ${problemTable[code].title}`).join('. '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      }),
    ),
  );
}
