import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { UserId, WorkspaceId } from '@millrace/contracts';
import type { Role } from '@millrace/persistence';
import type { FastifyRequest } from 'fastify';

/** Who makes a request, and in which workspace. */
export interface Caller {
  userId: UserId;
  email: string;
  name: string;
  role: Role;
  workspaceId: WorkspaceId;
  workspaceName: string;
  tokenHash: Buffer;
  expiresAt: Date;
}

const callers = new WeakMap<FastifyRequest, Caller>();

export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Hands a handler the caller that the guard has let in. Only on routes that require a role. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Error('This route is public: it has no caller');
  return caller;
});
