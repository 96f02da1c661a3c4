import { inheritedInstructions, readStages } from './dockerfile.js';
import type { Fault, Service } from './service.js';

/** Holds the Dockerfile against the services: a target each, an ordinary user, a health check, the right entry. */
export function checkImages(text: string, services: readonly Service[]): Fault[] {
  const stages = readStages(text);
  const oneTime = [
    { name: 'migrate', packageName: '@millrace/persistence', entry: 'libs/persistence/dist/migrate.js' },
  ];
  return [...services, ...oneTime].flatMap(({ name, packageName, entry }) => {
    const stage = stages.get(name);
    if (!stage) return [{ at: 'FROM runtime', rule: 'image-target', remedy: `add a target named ${name}` }];
    const instructions = inheritedInstructions(stages, name);
    const at = ` AS ${name}\n`;
    const faults: Fault[] = [];
    const need = (ok: boolean, rule: string, remedy: string): void => {
      if (!ok) faults.push({ at, rule, remedy: `${name}: ${remedy}` });
    };
    const packed = stages.get(`${name}-files`)?.instructions ?? [];
    need(packed.includes(`RUN pack ${packageName}`), 'image-packages', `${name}-files must RUN pack ${packageName}`);
    need(lastOf(instructions, 'CMD') === `CMD ["${entry}"]`, 'image-entry', `its CMD must be ["${entry}"]`);
    const user = lastOf(instructions, 'USER');
    need(user !== undefined && !/^USER (?:root|0)\b/.test(user), 'image-user', 'it must run as an ordinary user');
    need(lastOf(instructions, 'HEALTHCHECK') !== undefined, 'image-health', 'it needs a HEALTHCHECK');
    return faults;
  });
}

function lastOf(instructions: readonly string[], word: string): string | undefined {
  return instructions.findLast((instruction) => instruction.startsWith(`${word} `));
}
