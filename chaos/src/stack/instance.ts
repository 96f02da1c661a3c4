import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName, Service } from '@millrace/dev';
import { type ChildExit, describeExit, signalGroup } from '@millrace/local-infra';
import type { CuttingProxy } from '@millrace/testing';

/** The kinds of processes that there are; of most of them two run. */
export type Role = ServiceName | 'component-probe';

const startAgainMs = 400;
const healthyWithinMs = 20_000;

/** A process that ended though nobody had asked it to. */
export interface Ending {
  readonly instance: string;
  readonly at: number;
  readonly how: string;
  /** What it said last of an error. */
  readonly lastWords: string;
}

/**
 * One process of the stack with its own ways to the broker and to Postgres. Started again by itself when it ends, as any
 * supervisor does.
 */
export interface Instance {
  readonly name: string;
  readonly role: Role;
  readonly service: Service;
  /** `undefined` where it has no such connection. */
  readonly brokerWay: CuttingProxy | undefined;
  readonly databaseWay: CuttingProxy | undefined;
  readonly endings: readonly Ending[];
  start(): Promise<void>;
  /** Resolves as soon as it is healthy, or after a time: with its servers away it may take longer. */
  settle(): Promise<void>;
  /** SIGKILL, and started again after `downMs`. */
  kill(downMs: number): Promise<void>;
  /** Freezes it in the middle of whatever it does. */
  freeze(): void;
  thaw(): void;
  /** Runs acts on this process one after the other. */
  alone<T>(act: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export interface InstanceParts {
  readonly name: string;
  readonly role: Role;
  readonly service: Service;
  readonly brokerWay?: CuttingProxy;
  readonly databaseWay?: CuttingProxy;
}

export function instanceOf({ name, role, service, brokerWay, databaseWay }: InstanceParts): Instance {
  const endings: Ending[] = [];
  let stopping = false;
  let last: Promise<unknown> = Promise.resolve();
  service.onCrash((exit: ChildExit) => {
    endings.push({ instance: name, at: Date.now(), how: describeExit(exit), lastWords: lastWordsIn(service.lines) });
    void sleep(startAgainMs).then(() => (stopping ? undefined : service.start()));
  });
  const signal = (which: NodeJS.Signals): void => {
    if (service.pid !== undefined) signalGroup(service.pid, which);
  };
  const self: Instance = {
    name,
    role,
    service,
    brokerWay,
    databaseWay,
    endings,
    start: () => service.start(),
    async settle() {
      const deadline = Date.now() + healthyWithinMs;
      while (Date.now() < deadline) {
        const healthy = await service.waitHealthy(deadline - Date.now()).then(
          () => true,
          () => false,
        );
        if (healthy) return;
        await sleep(startAgainMs);
      }
    },
    async kill(downMs) {
      await service.kill('SIGKILL');
      await sleep(downMs);
      await service.start();
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    alone(act) {
      const turn = last.then(act);
      last = turn.catch(() => undefined);
      return turn;
    },
    async stop() {
      stopping = true;
      signal('SIGCONT');
      await service.stop();
    },
  };
  return self;
}

/** The last error in a log, which holds no secret. */
function lastWordsIn(lines: readonly string[]): string {
  const line = lines.findLast((one) => /"level":(?:[56]0|"(?:error|fatal)")/.test(one)) ?? lines.at(-1) ?? '';
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter((part) => part !== undefined).join(': ');
  } catch {
    return line;
  }
}
