/** A process that is deployed: an app or a component. */
export interface Service {
  /** Of its image, its compose service and its Deployment: `component-petstore`. */
  name: string;
  packageName: string;
  /** What Node runs, from the root: `apps/components/petstore/dist/main.js`. */
  entry: string;
  type: 'app' | 'component';
}

/** Something wrong in a file; the place is where `at` first stands in it. */
export interface Fault {
  at: string;
  rule: string;
  remedy: string;
}

/** Names of environment variables whose values nobody else may see. */
export const secretVariable = /KEY|PASSWORD|SECRET|TOKEN|^(?:DATABASE|AMQP)_URL$/;

/** The component whose key a service holds under `name`, or undefined when the variable is no component's key. */
export function keyOwner(variable: string, service: string): string | undefined {
  if (variable === 'CREDENTIAL_KEY') return service.replace(/^component-/, '');
  const named = /^CREDENTIAL_KEY_(.+)$/.exec(variable);
  return named?.[1]?.toLowerCase().replaceAll('_', '-');
}
