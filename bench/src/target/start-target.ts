import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StoredPets, TargetNews, TargetOrder } from './messages.js';

/** The API key that the target knows. */
export const petstoreKey = 'secret';

/** The Petstore API of the bench, in a process of its own. */
export interface PetTarget {
  /** For PETSTORE_BASE_URL. */
  readonly baseUrl: string;
  readonly pid: number;
  /** Begins a phase: its pets are counted from now on, those of earlier phases no more. */
  watch(expected: number, options?: { tellEach?: boolean }): PetWatch;
  stop(): void;
}

export interface PetWatch {
  readonly phase: number;
  /** Resolves when all expected pets are stored. @throws Error that says how many were, after `timeoutMs`. */
  all(timeoutMs: number): Promise<StoredPets>;
  /** Resolves when one pet is stored; only with `tellEach`. */
  one(sequence: number, timeoutMs: number): Promise<void>;
}

export async function startTarget(): Promise<PetTarget> {
  const child = fork(fileURLToPath(new URL('pet-target.js', import.meta.url)), {
    serialization: 'advanced',
    env: { ...process.env, PETSTORE_KEY: petstoreKey },
  });
  const { port } = await news(child, 'listening', () => true, 10_000);
  let lastPhase = 0;
  const order = (message: TargetOrder): void => void (child.connected && child.send(message));
  return {
    baseUrl: `http://127.0.0.1:${port}/petstore/v2`,
    pid: child.pid as number,
    watch(expected, { tellEach = false } = {}) {
      lastPhase += 1;
      const phase = lastPhase;
      order({ kind: 'watch', phase, expected, tellEach });
      return {
        phase,
        async all(timeoutMs) {
          const isOurs = ({ pets }: { pets: StoredPets }): boolean => pets.phase === phase;
          try {
            return (await news(child, 'pets', isOurs, timeoutMs)).pets;
          } catch {
            const report = news(child, 'pets', isOurs, 5_000);
            order({ kind: 'report' });
            const { latenciesMs } = (await report).pets;
            throw new Error(`After ${timeoutMs / 1000} s ${latenciesMs.length} of ${expected} pets were stored.`);
          }
        },
        one: async (sequence, timeoutMs) =>
          void (await news(child, 'stored', (one) => one.phase === phase && one.sequence === sequence, timeoutMs)),
      };
    },
    stop: () => void (child.connected && child.disconnect()),
  };
}

type News<K extends TargetNews['kind']> = Extract<TargetNews, { kind: K }>;

function news<K extends TargetNews['kind']>(
  child: ChildProcess,
  kind: K,
  wanted: (one: News<K>) => boolean,
  timeoutMs: number,
): Promise<News<K>> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (message: unknown): void => {
      const one = message as TargetNews;
      if (one.kind !== kind || !wanted(one as News<K>)) return;
      end();
      resolve(one as News<K>);
    };
    const onExit = (): void => {
      end();
      reject(new Error('The Petstore target ended by itself.'));
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(`The Petstore target did not tell of \`${kind}\` within ${timeoutMs / 1000} s.`));
    }, timeoutMs);
    child.on('message', onMessage);
    child.once('exit', onExit);
  });
}
