import { freePort } from '@millrace/local-infra';
import { type ServicePorts, defaultPorts, serviceNames } from './service-list.js';

/** Free ports for all services; for each the first of the given ones that is free, so that webhook URLs stay the same. */
export async function choosePorts(...preferred: (Partial<ServicePorts> | undefined)[]): Promise<ServicePorts> {
  const chosen: Partial<Record<keyof ServicePorts, number>> = {};
  for (const name of serviceNames) chosen[name] = await firstFree(preferred.map((ports) => ports?.[name]));
  return chosen as ServicePorts;
}

async function firstFree(candidates: (number | undefined)[]): Promise<number> {
  for (const candidate of candidates) {
    if (candidate !== undefined && (await freePort(candidate)) === candidate) return candidate;
  }
  return freePort();
}

/** A line for each well-known port that is not the one in use, because something else has it. */
export function portNotes(ports: ServicePorts): string[] {
  return serviceNames
    .filter((name) => ports[name] !== defaultPorts[name])
    .map((name) => `port ${defaultPorts[name]} is taken, so ${name} is on ${ports[name]}`);
}
