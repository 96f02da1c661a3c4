import { inject } from 'vitest';

/** What the global setup provides to the integration specs. */
export interface TestInfra {
  /** Superuser of the throw-away Postgres. */
  readonly postgresUrl: string;
  readonly amqpUrl: string;
  /** Management API of the throw-away RabbitMQ, with user and password in it. */
  readonly managementUrl: string;
  /** Name of a database with all migrations applied. */
  readonly template: string;
  /** Why the migrations could not be applied. */
  readonly templateProblem: string | undefined;
}

declare module 'vitest' {
  export interface ProvidedContext {
    millraceInfra: TestInfra;
  }
}

/** The Postgres and RabbitMQ of this vitest run. @throws Error outside of a spec of the project `int`. */
export function testInfra(): TestInfra {
  const infra = inject('millraceInfra') as TestInfra | undefined;
  if (!infra) throw new Error('There is no test infrastructure here: name the spec *.int.spec.ts.');
  return infra;
}
