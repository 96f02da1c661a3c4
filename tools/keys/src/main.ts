import { composeEnv, kubernetesSecrets } from './formats.js';
import { installationKeys, randomPassword } from './installation-keys.js';

const usage = `Prints the secrets of an installation:
  compose COMPONENT...     docker/.env, with random passwords
  kubernetes COMPONENT...  Secret manifests for the keys
Component keys are derived from MASTER_KEY when that is set, else from a new one.
`;

/** The text to print; throws when the arguments or MASTER_KEY cannot be used. */
function secretsFor(format: string | undefined, components: string[]): string | undefined {
  if (components.length === 0) return undefined;
  const keys = (): ReturnType<typeof installationKeys> => installationKeys(components, process.env['MASTER_KEY']);
  if (format === 'kubernetes') return kubernetesSecrets(keys());
  if (format !== 'compose') return undefined;
  return composeEnv(keys(), {
    postgres: randomPassword(),
    rabbitmq: randomPassword(),
    administrator: randomPassword(),
  });
}

const [format, ...components] = process.argv.slice(2);
try {
  const text = secretsFor(format, components);
  if (text === undefined) {
    process.stderr.write(usage);
    process.exitCode = 2;
  } else {
    process.stdout.write(text);
  }
} catch (error) {
  process.stderr.write(`keys: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
