/*
 * A component that does what it must not, as a process of its own. Runs the built library, so
 * `npx tsc -b libs/component-runtime` comes first.
 */
/* oxlint-disable typescript/only-throw-error, typescript/prefer-promise-reject-errors, typescript/await-thenable, unicorn/no-new-array, unicorn/no-unnecessary-await -- what foreign code does */
import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { runComponent } from '@millrace/component-runtime';
import { action, defineComponent } from '@millrace/component-sdk';
import { z } from 'zod';

const does = (run) => action({ title: 'Misbehave', input: z.unknown(), output: z.unknown(), run });
const forever = () => {
  for (;;);
};
const hoard = (kept, count) => {
  for (let at = 0; at < count; at += 1) kept.push(new Array(10_000).fill(at));
};

/** Does in a question what it is told. */
const asked = {
  calm: () => 'calm',
  callsExit: async () => {
    await delay(10);
    process.exit(3);
  },
  strayRejection: async () => {
    void delay(20).then(() => {
      throw new Error('nobody waits for me');
    });
    await delay(10_000);
  },
  loops: async () => {
    await delay(20);
    forever();
  },
  leaks: async () => {
    const kept = [];
    for (;;) {
      hoard(kept, 50);
      await delay(1);
    }
  },
  ignoresAbort: () => new Promise(() => undefined),
};

const component = defineComponent({
  name: 'wild',
  title: 'Wild',
  version: '1.0.0',
  actions: {
    work: does(async () => {
      for (let at = 0; at < 10; at += 1) await delay(50);
      return 'done';
    }),
    throwsText: does(() => {
      throw 'only words';
    }),
    throwsNull: does(() => {
      throw null;
    }),
    rejectsUndefined: does(() => Promise.reject()),
    callsExit: does(async () => {
      await delay(10);
      process.exit(3);
    }),
    callsAbort: does(() => process.abort()),
    exitsInCallback: does(() => new Promise(() => setTimeout(() => process.exit(3), 20))),
    strayRejection: does(async () => {
      void delay(20).then(() => {
        throw new Error('nobody waits for me');
      });
      await delay(10_000);
    }),
    strayException: does(
      () => new Promise(() => setTimeout(() => new EventEmitter().emit('error', new Error('loose')), 20)),
    ),
    afterItsEnd: does(({ logger, saveSnapshot }) => {
      setTimeout(() => {
        logger.info('I go on');
        saveSnapshot({ late: true });
        throw new Error('after my end');
      }, 50);
      return 'ended';
    }),
    cyclic: does(() => {
      const value = {};
      value.itself = value;
      return value;
    }),
    bigint: does(() => ({ count: 10n })),
    gigabyte: does(() => 'x'.repeat(2 ** 29 - 100)),
    gigabyteOfBytes: does(() => Buffer.alloc(2 ** 30)),
    gigabyteOfParts: does(() => {
      const kept = [];
      hoard(kept, 13_000);
      return kept;
    }),
    hoards: does(() => hoard([], Infinity)),
    endless: does(async function* () {
      for (;;) yield 'x';
    }),
    endlessAwait: does(async () => {
      for (;;) await null;
    }),
    stuck: does(async function* () {
      yield 1;
      await new Promise(() => undefined);
    }),
    loops: does(async () => {
      await delay(20);
      forever();
    }),
    loopsInTimer: does(() => new Promise(() => setTimeout(forever, 20))),
    regex: does(() => /^(a+)+$/.test(`${'a'.repeat(40)}b`)),
    blocksInSystem: does(() => execFileSync('sleep', ['60'])),
    leaks: does(async () => {
      const kept = [];
      for (;;) {
        hoard(kept, 50);
        await delay(1);
      }
    }),
    ignoresAbort: does(() => new Promise(() => undefined)),
    asks: action({
      title: 'Be asked',
      input: z.object({ to: z.string() }),
      output: z.unknown(),
      sample: ({ input }) => asked[input.to](),
      run: () => null,
    }),
  },
});

await runComponent(component);
