import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Applications whose modules the broker loads while it starts, those with the most modules first. Erlang looks for each
 * module in one folder after the other, about sixty with all plugins, and each failed look is a hand-over between
 * threads. With these in front and schedulers that spin briefly instead of sleeping, RabbitMQ 3.10 on Erlang 25 is
 * ready after 3.4 to 4.8 s instead of 6.6 to 9.0 s (2 cores, three runs each, second start on the same data).
 */
const applications = [
  'rabbit ra osiris rabbit_common ssl inets public_key mnesia os_mon crypto compiler syntax_tools tools xmerl sasl',
  'asn1 runtime_tools rabbitmq_prelaunch cowlib ranch jsx thoas recon gen_batch_server aten credentials_obfuscation',
  'khepri khepri_mnesia_migration horus seshat stdout_formatter sysmon_handler systemd syslog cuttlefish getopt',
].flatMap((line) => line.split(' '));

/** Arguments for Erlang that make the broker start faster and change nothing else. Empty when nothing suits. */
export async function fastStartArguments(rabbitmqHome: string, epmd: string): Promise<string[]> {
  const folders = new Map<string, string>();
  for (const parent of [join(rabbitmqHome, 'plugins'), ...(await erlangLibraries(epmd))]) {
    for (const name of await readdir(parent).catch(() => [])) {
      const application = /^([a-z0-9_]+)-v?\d[^/]*$/.exec(name)?.[1];
      // An installation can hold plugins as .ez archives, which need no folder, and paths with blanks cannot be passed.
      if (!application || name.endsWith('.ez') || /\s/.test(parent)) continue;
      if (!folders.has(application)) folders.set(application, join(parent, name, 'ebin'));
    }
  }
  const found = applications.flatMap((application) => folders.get(application) ?? []);
  return ['+sbwt', 'very_short', '+sbwtdio', 'very_short', ...(found.length > 0 ? ['-pa', ...found] : [])];
}

async function erlangLibraries(epmd: string): Promise<string[]> {
  const real = await realpath(epmd).catch(() => epmd);
  // …/lib/erlang/bin/epmd, or …/lib/erlang/erts-13.1.5/bin/epmd
  return [join(dirname(dirname(real)), 'lib'), join(dirname(dirname(dirname(real))), 'lib')];
}
