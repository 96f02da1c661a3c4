import { Injectable, StandardSchemaValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { SchemaIssue } from '@millrace/process';
import { validationProblem } from './problem.js';

/**
 * The global pipe of an HTTP app. It validates every parameter that names a schema (`@Body({ schema })`,
 * `@Query({ schema })`, `@Param({ schema })`) and hands the handler what the schema makes of it. A body that is refused
 * is answered 422, a query or path 400, both with a JSON pointer for each fault.
 */
@Injectable()
export class SchemaPipe implements PipeTransform<unknown, Promise<unknown>> {
  private readonly ofBody = pipeWith(422);
  private readonly ofRest = pipeWith(400);

  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (!metadata.schema) return value;
    const pipe = metadata.type === 'body' ? this.ofBody : this.ofRest;
    return pipe.transform<unknown>(value, metadata);
  }
}

function pipeWith(status: 400 | 422): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues: readonly SchemaIssue[]) => validationProblem(issues, status),
  });
}
