import { Controller, Get, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import type { ApiDeps } from '../deps.js';
import { Requires, suffices } from '../http/roles.js';
import { RoleGuard } from './role.guard.js';

@Controller()
class Routes {
  @Get()
  @Requires('public')
  open(): void {}

  @Get('undeclared')
  undeclared(): void {}
}

const guard = new RoleGuard(new Reflector(), {} as ApiDeps);

function contextOf(handler: 'open' | 'undeclared'): ExecutionContext {
  return { getHandler: () => Routes.prototype[handler] } as unknown as ExecutionContext;
}

describe('the role guard', () => {
  it('lets everybody into a public route', async () => {
    expect(await guard.canActivate(contextOf('open'))).toBe(true);
  });

  it('lets nobody into a route that does not say whom it lets in', async () => {
    await expect(guard.canActivate(contextOf('undeclared'))).rejects.toMatchObject({ status: 403, code: 'forbidden' });
  });
});

describe('roles', () => {
  it('let an administrator do what a member may, and not the other way round', () => {
    expect(suffices('administrator', 'member')).toBe(true);
    expect(suffices('member', 'member')).toBe(true);
    expect(suffices('administrator', 'administrator')).toBe(true);
    expect(suffices('member', 'administrator')).toBe(false);
  });
});
