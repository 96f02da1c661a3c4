import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { UserId } from '@millrace/contracts';
import type { Actor, Role } from '@millrace/persistence';
import type { FastifyRequest } from 'fastify';

/** Who makes a request, in which workspace, and from where. */
export interface Caller extends Actor {
  userId: UserId;
  email: string;
  name: string;
  role: Role;
  workspaceName: string;
  /** Of the session, or of the API token where there is one. */
  tokenHash: Buffer;
  /** Null: an API token that is good until it is deleted. */
  expiresAt: Date | null;
}

/** Where a request comes from, as the audit keeps it. */
export function originOf(request: FastifyRequest): Pick<Actor, 'address' | 'requestId'> {
  return { address: request.ip, requestId: request.id };
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
