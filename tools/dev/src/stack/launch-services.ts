import type { FolderClaim } from '@millrace/local-infra';
import { type Service, service } from './service.js';
import {
  type ServiceName,
  type StackSettings,
  type StackUrls,
  serviceEntry,
  serviceEnv,
  serviceNames,
  stackUrls,
} from './service-list.js';

export interface LaunchOptions extends StackSettings {
  /** Default: all. */
  readonly services?: readonly ServiceName[];
  /** Settings on top of those that a service needs. */
  readonly extraEnv?: Partial<Record<ServiceName, Record<string, string>>>;
  readonly onLine?: (name: ServiceName, line: string) => void;
  /** Where the processes are recorded, so that a later run can end them if this one cannot. */
  readonly claim?: FolderClaim;
}

/** The services of Millrace as processes of their own. */
export interface Stack {
  readonly urls: StackUrls;
  readonly services: readonly Service[];
  /** @throws Error when it was not launched. */
  service(name: ServiceName): Service;
  /** Resolves when every service says that it is ready. */
  waitHealthy(timeoutMs?: number): Promise<void>;
  /** Drains and ends all: first what takes work in, last what others call. */
  stop(): Promise<void>;
}

/**
 * Starts the built services on a database that has been migrated and a broker that runs. Resolves when the processes
 * run; `waitHealthy` says when they are ready.
 */
export async function launchServices(options: LaunchOptions): Promise<Stack> {
  const { onLine, extraEnv, claim } = options;
  const names = serviceNames.filter((name) => options.services?.includes(name) ?? true);
  const services = new Map(
    names.map((name) => [
      name,
      service({
        name,
        entry: serviceEntry(name),
        port: options.ports[name],
        env: { ...serviceEnv(name, options), ...extraEnv?.[name] },
        ...(onLine ? { onLine: (line: string) => onLine(name, line) } : {}),
        ...(claim ? { claim } : {}),
      }),
    ]),
  );
  const all = [...services.values()];
  const stop = async (): Promise<void> => {
    const inner = all.filter(({ name }) => name !== 'webhooks-service' && name !== 'sandbox');
    await services.get('webhooks-service')?.stop();
    await Promise.all(inner.map((one) => one.stop()));
    await services.get('sandbox')?.stop();
  };
  try {
    await Promise.all(all.map((one) => one.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    urls: stackUrls(options.ports),
    services: all,
    service(name) {
      const found = services.get(name);
      if (!found) throw new Error(`The service ${name} was not launched.`);
      return found;
    },
    async waitHealthy(timeoutMs) {
      await Promise.all(all.map((one) => one.waitHealthy(timeoutMs)));
    },
    stop,
  };
}
