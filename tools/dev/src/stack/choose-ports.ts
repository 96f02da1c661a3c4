import { freePort } from '@millrace/local-infra';
import { type ServicePorts, defaultPorts, serviceNames } from './service-list.js';

/** Free ports for all services. A preferred port is taken when it is free: webhook URLs stay the same then. */
export async function choosePorts(preferred: Partial<ServicePorts> = {}): Promise<ServicePorts> {
  const chosen: Partial<Record<keyof ServicePorts, number>> = {};
  for (const name of serviceNames) chosen[name] = await freePort(preferred[name]);
  return chosen as ServicePorts;
}

/** Ports of an earlier start, and for the rest those that people know. */
export function preferredPorts(earlier: Partial<ServicePorts> | undefined): ServicePorts {
  return { ...defaultPorts, ...earlier };
}
