import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { choosePorts, service } from '@millrace/dev';
import { processorSeconds, residentMib } from '../measure/processes.js';
import { profilerEnv, profilerModule, toggleProfilers } from '../profile/profiling.js';
import { openStepLoad } from './step-load.js';

/** What one process of a component does and takes. */
export interface ComponentResults {
  /** With 100 at the same time and a target that answers in 50 ms. */
  readonly stepsPerSecond: number[];
  /** Processor time of that process for each of its steps. */
  readonly processorMs: number[];
  /** Resident memory of the Petstore component with nothing to do. */
  readonly idleMib: number[];
}

const concurrency = 100;
const answerMs = 50;
const stepsPerRound = 6_000;
const warmUpSteps = 4_000;
/** By then V8 has given back what it took for starting. */
const idleMs = 30_000;
const bytesOfKey = 32;

/** Measures one component process on the broker. It is alone: nothing else takes from its queue. */
export async function measureComponent(options: {
  amqpUrl: string;
  rounds: number;
  profileDir: string | undefined;
  say: (text: string) => void;
}): Promise<ComponentResults> {
  const { amqpUrl, rounds, profileDir, say } = options;
  const ports = await choosePorts();
  const idle = service({
    name: 'idle component',
    entry: 'apps/components/petstore/dist/main.js',
    port: ports['component-petstore'],
    env: {
      AMQP_URL: amqpUrl,
      HEALTH_PORT: String(ports['component-petstore']),
      CREDENTIAL_KEY: Buffer.alloc(bytesOfKey, 1).toString('base64'),
      PETSTORE_BASE_URL: 'http://127.0.0.1:1/petstore/v2',
    },
  });
  const idleMib: number[] = [];
  await idle.start();
  try {
    await idle.waitHealthy();
    await sleep(idleMs);
    idleMib.push(residentMib(idle.pid ?? 0));
    say(`component: ${idleMib[0]?.toFixed(1)} MiB idle`);
  } finally {
    await idle.stop();
  }

  const target = fork(fileURLToPath(new URL('slow-target.js', import.meta.url)), {
    env: { ...process.env, ANSWER_MS: String(answerMs) },
  });
  const [{ port }] = (await once(target, 'message')) as [{ port: number }];
  const component = service({
    name: 'bench component',
    entry: 'bench/dist/component/bench-component.js',
    port: ports['component-timer'],
    env: {
      AMQP_URL: amqpUrl,
      HEALTH_PORT: String(ports['component-timer']),
      CONCURRENCY: String(concurrency),
      TARGET_URL: `http://127.0.0.1:${port}/`,
      ...(profileDir === undefined ? {} : profilerEnv(profileDir, 'bench-component')),
    },
    nodeArguments: profileDir === undefined ? [] : ['--import', profilerModule],
  });
  const load = await openStepLoad(amqpUrl);
  const stepsPerSecond: number[] = [];
  const processorMs: number[] = [];
  try {
    await component.start();
    await component.waitHealthy();
    await load.run(warmUpSteps);
    const process = { name: 'bench component', pid: component.pid ?? 0 };
    for (let round = 1; round <= rounds; round += 1) {
      const profiled = round === 1 && profileDir !== undefined ? [process.pid] : [];
      toggleProfilers(profiled);
      const usedBefore = processorSeconds(process);
      const rate = await load.run(stepsPerRound);
      processorMs.push(((processorSeconds(process) - usedBefore) * 1000) / stepsPerRound);
      toggleProfilers(profiled);
      stepsPerSecond.push(rate);
      say(`component: ${rate.toFixed(0)} steps/s, ${processorMs.at(-1)?.toFixed(3)} ms of processor each`);
    }
  } catch (error) {
    throw new Error(component.lines.slice(-20).join('\n'), { cause: error });
  } finally {
    await component.stop();
    await load.close();
    target.disconnect();
  }
  return { stepsPerSecond, processorMs, idleMib };
}
