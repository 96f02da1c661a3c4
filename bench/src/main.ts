// `npm run bench`: Millrace and a bare pipeline of the same shape, loaded in turns on the same servers.
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname, resolve } from 'node:path';
import { measureComponent } from './component/measure-component.js';
import { messagesPerRun } from './measure/messages-per-run.js';
import { type NamedProcess, residentMib } from './measure/processes.js';
import { uploadGrowthMib } from './measure/upload.js';
import { type BenchOptions, UsageError, readOptions } from './options.js';
import { makeReport, reportText } from './report.js';
import { type Results, figures, figuresOfComponent, noResults } from './results.js';
import { measureScale } from './scale/measure-scale.js';
import { measureSigned } from './measure-signed.js';
import { type Bench, type LoadFigures, idleRound, loadRound, steadyRound } from './rounds.js';
import { prepareBare } from './sides/bare-side.js';
import { prepareMillrace } from './sides/millrace-side.js';
import type { PreparedSide, RunningSide } from './sides/side.js';
import { type BenchServers, startServers } from './surroundings.js';
import { judge } from './targets.js';

const warmUpRequests = 6_000;
const warmUpRounds = 2;
const idleRequests = 75;
const steadySeconds = 4;
const pacedRounds = 2;
const uploads = 3;
const uploadBytes = 50_000_000;

const startedAt = performance.now();

function say(text: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

async function measure(
  options: BenchOptions,
  servers: BenchServers,
  prepared: readonly PreparedSide[],
): Promise<Measured> {
  const { adminUrl, amqpUrl } = servers.surroundings(undefined);
  const { target, processes } = servers;
  const results = noResults();
  for (const side of prepared) {
    results[side.name].messagesPerRun = await messagesPerRun(side, amqpUrl, target);
    say(`${side.name}: ${results[side.name].messagesPerRun} messages per run`);
  }

  const bench: Bench = { adminUrl, target, connections: options.connections, servers: processes };
  const sides: RunningSide[] = [];
  try {
    for (const side of prepared) sides.push(await side.start(amqpUrl));
    const amount = await measureLoads(options, bench, { sides, results });
    for (let round = 1; round <= pacedRounds; round += 1) {
      for (const side of sides) {
        const idle = await idleRound(bench, side, idleRequests);
        const steady = await steadyRound(bench, side, { perSecond: options.steadyRate, seconds: steadySeconds });
        results[side.name].idle.push(idle);
        results[side.name].steady.push(steady);
        say(`${side.name}: from request to pet p50 ${idle.storedP50Ms.toFixed(1)} ms idle`);
      }
    }
    const [bare, millrace] = [sides.find(({ name }) => name === 'bare'), sides.find(({ name }) => name === 'millrace')];
    if (bare && millrace) {
      const further = { rounds: options.rounds, amount, say, results };
      await measureSigned(bench, { bare, millrace }, further);
      if (options.scale) await measureScale(bench, { bare, millrace }, further);
    }
    for (const side of sides) {
      if (!side.extras) continue;
      for (let upload = 1; upload <= uploads; upload += 1) {
        const grownMib = await uploadGrowthMib(side.extras, uploadBytes);
        results[side.name].uploadMib.push(grownMib);
        say(`${side.name}: an upload of ${uploadBytes / 1e6} MB takes ${grownMib.toFixed(1)} MiB`);
      }
    }
    return { results, amount };
  } catch (error) {
    throw new Error(sides.map((side) => side.logTail()).join('\n'), { cause: error });
  } finally {
    for (const side of sides) await side.stop();
  }
}

/**
 * Loads the sides in turns; the rounds up to 0 warm them up, for a service that has just been started is not what runs for
 * days. Resolves with the number of requests per load.
 */
async function measureLoads(
  { rounds, seconds, profileDir }: BenchOptions,
  bench: Bench,
  { sides, results }: { sides: readonly RunningSide[]; results: Results },
): Promise<number> {
  let amount = warmUpRequests;
  // A database reports late, so the transactions of a load are read only when the other side had its turn.
  const unread = new Map<RunningSide, () => Promise<void>>();
  for (let round = 1 - warmUpRounds; round <= rounds; round += 1) {
    const loads = new Map<RunningSide, LoadFigures>();
    for (const side of sides) {
      await unread.get(side)?.();
      const load = await loadRound(bench, side, amount, { profile: round === 1 && profileDir !== undefined });
      loads.set(side, load);
      const { name } = side;
      say(
        `${name}: ${round <= 0 ? 'warm-up' : `load ${round} of ${rounds}`}, ` +
          `${load.acceptedPerSecond.toFixed(0)} accepted/s, ${load.finishedPerSecond.toFixed(0)} finished/s`,
      );
      unread.set(side, async () => {
        const transactionsPerRun = await load.transactionsPerRun();
        if (round > 0) results[name].loads.push({ ...load, transactionsPerRun });
      });
      results[name].residentMib = memoryOf([...side.processes, ...bench.servers]);
    }
    const bare = sides.find(({ name }) => name === 'bare');
    if (round === 0 && bare) amount = Math.round((loads.get(bare)?.acceptedPerSecond ?? 0) * seconds);
  }
  for (const side of sides) await unread.get(side)?.();
  return amount;
}

function memoryOf(processes: readonly NamedProcess[]): Record<string, number> {
  return Object.fromEntries(processes.map(({ name, pid }) => [name, residentMib(pid)]));
}

interface Measured {
  readonly results: Results;
  readonly amount: number;
}

async function measurePipelines(
  options: BenchOptions,
  servers: BenchServers,
  profileDir: string | undefined,
): Promise<Measured> {
  const surroundings = servers.surroundings(profileDir);
  const prepared = [await prepareBare(surroundings), await prepareMillrace(surroundings)];
  say('both pipelines are set up');
  return measure(options, servers, prepared);
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const profileDir = options.profileDir === undefined ? undefined : resolve(options.profileDir);
  if (profileDir !== undefined) await mkdir(profileDir, { recursive: true });
  const loadBefore = loadavg()[0] ?? Number.NaN;
  const servers = await startServers();
  try {
    say('Postgres, RabbitMQ and the Petstore target run');
    const { amqpUrl } = servers.rabbitmq;
    const component = await measureComponent({ amqpUrl, rounds: options.rounds, profileDir, say });
    const { results, amount } = options.componentOnly
      ? { results: noResults(), amount: 0 }
      : await measurePipelines(options, servers, profileDir);
    const all = [...(options.componentOnly ? [] : figures(results)), ...figuresOfComponent(component)];
    const { postgres, rabbitmq } = servers;
    const versions = { postgres: String(postgres.major), rabbitmq: rabbitmq.version ?? 'unknown' };
    const report = makeReport({
      options,
      amount,
      versions,
      loadBefore,
      figures: all,
      judgements: judge(all, options),
      results,
    });
    console.log(reportText(report));
    if (options.jsonFile !== undefined) {
      await mkdir(dirname(resolve(options.jsonFile)), { recursive: true });
      await writeFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    }
    const missed = report.judgements.filter(({ met }) => !met);
    return options.check && missed.length > 0 ? 1 : 0;
  } finally {
    await servers.stop();
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
}
// Connections that are kept alive would hold the process for some seconds more.
process.exit();
