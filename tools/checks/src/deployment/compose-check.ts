import { readCompose } from './manifests.js';
import { keyOwner, secretVariable, type Fault, type Service } from './service.js';

/** A variable that compose insists on: `${NAME:?…}`. */
const required = /\$\{([A-Z0-9_]+):\?[^}]+\}/;

/** Holds compose.yaml against the services and .env.example against compose.yaml. */
export function checkCompose(text: string, example: string, services: readonly Service[]): Fault[] {
  const composed = readCompose(text);
  const faults: Fault[] = [];
  const need = (ok: boolean, at: string, rule: string, remedy: string): void => {
    if (!ok) faults.push({ at, rule, remedy });
  };
  for (const name of [...services.map((service) => service.name), 'migrate']) {
    const service = composed[name];
    if (!service) {
      need(false, 'services:', 'compose-service', `add the service ${name}`);
      continue;
    }
    need(service.build?.target === name, `\n  ${name}:`, 'compose-target', `${name} must build the target ${name}`);
  }
  for (const [name, service] of Object.entries(composed)) {
    const at = `\n  ${name}:`;
    const { environment = {}, depends_on: after = {} } = service;
    for (const [variable, value] of Object.entries(environment)) {
      if (!secretVariable.test(variable)) continue;
      need(
        required.test(value),
        at,
        'compose-secret',
        `${name}: ${variable} must come from \${NAME:?…}, without default`,
      );
      const owner = keyOwner(variable, name);
      const source = `CREDENTIAL_KEY_${owner?.toUpperCase().replaceAll('-', '_')}`;
      if (owner)
        need(value.startsWith(`\${${source}:?`), at, 'compose-key', `${name}: ${variable} must be \${${source}:?…}`);
      if (variable === 'MASTER_KEY')
        need(name === 'api', at, 'master-key', `only api may have MASTER_KEY, not ${name}`);
    }
    if ('DATABASE_URL' in environment && name !== 'migrate') {
      const migrated = after['migrate']?.condition === 'service_completed_successfully';
      need(migrated, at, 'compose-order', `${name} must wait until migrate has completed successfully`);
    }
  }
  for (const match of text.matchAll(/\$\{([A-Z0-9_]+)/g)) {
    const [, variable = ''] = match;
    const line = example.split('\n').find((candidate) => candidate.replace(/^#/, '').startsWith(`${variable}=`));
    if (line === undefined)
      need(false, `\${${variable}`, 'compose-example', `document ${variable} in docker/.env.example`);
    const secret = secretVariable.test(variable);
    if (line && secret)
      need(line === `${variable}=`, `\${${variable}`, 'compose-default', `${variable} must be empty in .env.example`);
  }
  return faults;
}
