import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth } from '@nestjs/swagger';
import type { Role } from '@millrace/persistence';

/** `public` needs no sign-in; `member` lets every signed-in user in; `administrator` only those. */
export type RequiredRole = 'public' | Role;

export const requiredRoleKey = 'millrace:required-role';

/** Declares who may call a route. A route without it is refused to everybody. */
export function Requires(role: RequiredRole): MethodDecorator {
  const declared = SetMetadata(requiredRoleKey, role);
  return role === 'public' ? declared : applyDecorators(declared, ApiBearerAuth(), ApiCookieAuth());
}

/** Whether someone with the role may call a route that requires another. */
export function suffices(role: Role, required: Role): boolean {
  return role === 'administrator' || role === required;
}
