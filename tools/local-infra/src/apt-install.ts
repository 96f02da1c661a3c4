import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { runCommand } from './run-command.js';

const policyFile = '/usr/sbin/policy-rc.d';
const installTimeoutMs = 15 * 60_000;

/** How packages can be installed here: directly as root, through sudo without a password, or not at all. */
export type AptAccess = 'root' | 'sudo' | undefined;

/** Looks whether this is a Debian or Ubuntu whose packages we may install. */
export async function aptAccess(): Promise<AptAccess> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(release)) return undefined;
  if (!(await runCommand('apt-get', ['--version'])).ok) return undefined;
  if (process.getuid?.() === 0) return 'root';
  return (await runCommand('sudo', ['-n', 'true'])).ok ? 'sudo' : undefined;
}

/**
 * Installs a package without starting a system-wide service that may come with it: while it installs, a policy file
 * forbids starting services, unless the machine has such a file of its own.
 * @throws Error with apt's last lines.
 */
export async function installPackage(
  name: 'rabbitmq-server' | 'chromium',
  by: 'root' | 'sudo',
  log?: (line: string) => void,
): Promise<void> {
  log?.(`installing ${name} with apt-get (one time, takes a minute or two)`);
  const placed = await forbidServiceStarts(by);
  try {
    await apt(by, ['update', '-q']);
    await apt(by, ['install', '-y', '-q', '--no-install-recommends', name]);
  } finally {
    if (placed) await remove(by, policyFile);
  }
}

async function apt(by: 'root' | 'sudo', args: readonly string[]): Promise<void> {
  const settings = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const command = ['env', ...settings, 'apt-get', '-o', 'DPkg::Lock::Timeout=300', ...args];
  const [program, ...rest] = by === 'sudo' ? ['sudo', '-n', ...command] : command;
  const result = await runCommand(program as string, rest, { timeout: installTimeoutMs });
  if (!result.ok) throw new Error(`apt-get ${args[0]} failed:\n${result.tail}`);
}

/** True when this call placed the file, which must then be removed again. */
async function forbidServiceStarts(by: 'root' | 'sudo'): Promise<boolean> {
  const exists = await access(policyFile).then(
    () => true,
    () => false,
  );
  if (exists) return false;
  const script = '#!/bin/sh\nexit 101\n';
  if (by === 'root') {
    await writeFile(policyFile, script, { mode: 0o755 });
    return true;
  }
  const put = `printf '#!/bin/sh\\nexit 101\\n' > ${policyFile} && chmod 755 ${policyFile}`;
  return (await runCommand('sudo', ['-n', 'sh', '-c', put])).ok;
}

async function remove(by: 'root' | 'sudo', file: string): Promise<void> {
  if (by === 'root') await rm(file, { force: true });
  else await runCommand('sudo', ['-n', 'rm', '-f', file]);
}
