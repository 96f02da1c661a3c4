import { RequestMethod } from '@nestjs/common';
import { MetadataScanner } from '@nestjs/core';
import { controllers } from '../src/api-module.js';
import { requiredRoleKey } from '../src/http/roles.js';

export interface Route {
  method: string;
  path: string;
  role: unknown;
}

const methodNames = new Map<unknown, string>(Object.entries(RequestMethod).map(([name, value]) => [value, name]));

/** Every route that a controller declares, with the role that it requires. */
export const routes: Route[] = controllers.flatMap((controller) => {
  const prototype = controller.prototype as unknown as Record<string, () => unknown>;
  const base = String(Reflect.getMetadata('path', controller));
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (!handler) return [];
    const path = Reflect.getMetadata('path', handler) as string | undefined;
    if (path === undefined) return [];
    const method = methodNames.get(Reflect.getMetadata('method', handler) as RequestMethod) ?? '';
    const whole = `/${base}/${path}`.replaceAll(/\/+/g, '/').replace(/(?<=.)\/$/, '');
    return [{ method, path: whole, role: Reflect.getMetadata(requiredRoleKey, handler) as unknown }];
  });
});
