import { FastifyAdapter } from '@nestjs/platform-fastify';

/**
 * Nest would set its own handlers only when it starts, too late for plugins that were registered before; ours are set
 * first and stay, so that every route and every plugin answers errors alike.
 */
export class ProblemAdapter extends FastifyAdapter {
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.getInstance();
  }

  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return this.getInstance();
  }
}
