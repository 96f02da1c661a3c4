import { createRunningFlow } from '@millrace/dev';
import { calledAt, outputOf, recordOf, type ExpectedEffect, type JudgedRun } from '../judge/judged-run.js';
import { resumesAmiss, type ResumeCalls } from '../judge/kinds/resumes.js';
import { act, keeping, look, type Acceptee } from './acts.js';
import { edge, receive, record, wait } from './drafts.js';
import { postJson } from './call.js';
import { hasStatus, succeededWith } from './expectations.js';
import type { FlowUnderTest, Ground, Kind } from './kind.js';
import { callResumeUrl } from './resume-calls.js';

/*
 *   early      its URL is called before the run has come to the step
 *   inTime     it is called while the step waits
 *   atOnce     several call at the same time, one of which counts
 *   never      nobody calls; whoever does so afterwards is told that it is over
 *   cancelled  somebody cancels the run while it waits
 *   repeated   several calls count, each of which sets off what follows
 */
const modes = ['early', 'inTime', 'atOnce', 'never', 'cancelled', 'repeated'] as const;
const modeOf = (number: number): (typeof modes)[number] => modes[number % modes.length] ?? 'early';

const expiresAfterSeconds = 4;
const callsOfRepeated = 3;
const hour = 3_600;

/** Runs that wait for a call of their resume URL, which is called before, in time, at once, again, or too late. */
export const waiting: Kind = {
  name: 'waiting for a call',
  async create(ground) {
    const { api, hookUrl } = ground;
    const once = await makeFlow(ground, { timeoutSeconds: hour });
    const expiring = await makeFlow(ground, { timeoutSeconds: expiresAfterSeconds, onTimeout: 'continue' });
    const repeated = await makeFlow(ground, { timeoutSeconds: hour, uses: 'repeated', maxCalls: callsOfRepeated });
    const flowOf = (number: number): string =>
      ({ never: expiring, repeated, early: once, inTime: once, atOnce: once, cancelled: once })[modeOf(number)];
    const calls = new Map<string, { kept: string[]; perhaps: string[] }>();
    /** The resume URLs that the target was told. */
    const urls = new Map<string, string>();
    const wrong: string[] = [];

    /** Calls the URL that the target was told. Resolves what the call came to. */
    async function call(requestId: string): Promise<'kept' | 'over' | 'again'> {
      const url = urls.get(requestId);
      if (url === undefined) return 'again';
      const known = calls.get(requestId) ?? { kept: [], perhaps: [] };
      calls.set(requestId, known);
      const tag = `${requestId}-${known.kept.length + known.perhaps.length}`;
      // It is one of those that may count until it is told.
      known.perhaps.push(tag);
      const verdict = await callResumeUrl(`${ground.nextDoor(url)}?call=${tag}`);
      if (verdict.outcome !== 'unknown') known.perhaps.splice(known.perhaps.indexOf(tag), 1);
      if (verdict.outcome === 'kept') known.kept.push(tag);
      if (verdict.outcome === 'wrong') wrong.push(`the resume URL of ${requestId} was answered ${verdict.status}`);
      return verdict.outcome === 'unknown' ? 'again' : verdict.outcome === 'kept' ? 'kept' : 'over';
    }

    // Not from what was accepted: a run of a call that was cut must not wait for ever either.
    const asked = keeping(handle);
    ground.effects.hear(({ key, value }) => {
      if (!key.endsWith(':asked:0')) return;
      const requestId = key.slice(0, key.indexOf(':')).replaceAll('-', '');
      const { url, number } = value as Asked;
      if (!urls.has(requestId)) asked.add({ number, requestId });
      urls.set(requestId, url);
    });

    async function handle({ number, requestId }: Acceptee): Promise<'over' | 'again'> {
      const mode = modeOf(number);
      if (mode === 'early') return (await call(requestId)) === 'again' ? 'again' : 'over';
      const run = await look<{ status: string }>(api, `/v1/runs/${requestId}`);
      switch (mode) {
        case 'never':
          if (run?.status !== 'succeeded') return 'again';
          return (await call(requestId)) === 'again' ? 'again' : 'over';
        case 'cancelled': {
          if (run?.status !== 'waiting') return run?.status === 'cancelled' ? 'over' : 'again';
          await act(api, `/v1/runs/${requestId}/cancel`);
          return 'again';
        }
        case 'repeated':
          if (run?.status === 'succeeded') return 'over';
          await call(requestId);
          return 'again';
        case 'atOnce':
        case 'inTime': {
          if (run?.status !== 'waiting') return run?.status === 'succeeded' ? 'over' : 'again';
          await Promise.all(Array.from({ length: mode === 'atOnce' ? 3 : 1 }, () => call(requestId)));
          return 'again';
        }
      }
    }

    return {
      flowIds: [once, expiring, repeated],
      send: (number) =>
        postJson(hookUrl(flowOf(number)), number, { number, failures: modeOf(number) === 'early' ? 3 : 0 }),
      throughout: asked.throughout,
      pending: asked.pending,
      judge: (run) => judgeRun(run, calls.get(run.id.replaceAll('-', '')) ?? { kept: [], perhaps: [] }),
      effects: (run) => effectsOf(run),
      judgeAll: () => wrong,
    } satisfies FlowUnderTest;
  },
};

async function makeFlow({ api, open }: Ground, config: object): Promise<string> {
  const draft = {
    steps: [
      receive(open),
      record('asked', { value: { url: '$resumeUrl("waiting")', number: '$steps.step_1.number' } }),
      record('meanwhile', { value: '$steps.step_1.number', failures: '$steps.step_1.failures' }),
      wait('waiting', config),
      record('after', { value: 'query.call' }),
    ],
    edges: [
      edge('step_1', 'asked'),
      edge('asked', 'meanwhile'),
      edge('meanwhile', 'waiting'),
      edge('waiting', 'after'),
    ],
  };
  return (await createRunningFlow(api, { name: `waiting ${JSON.stringify(config)}`, draft })).id;
}

/** What the target is told before the run waits. */
interface Asked {
  readonly url: string;
  readonly number: number;
}

interface WaitOutput {
  readonly query: { readonly call?: string } | null;
  readonly timedOut: boolean;
}

function judgeRun(run: JudgedRun, { kept, perhaps }: ResumeCalls): string[] {
  const mode = modeOf(run.number);
  if (mode === 'cancelled') return [...hasStatus(run, 'cancelled'), ...kept.map((tag) => `counted the call ${tag}`)];
  const found = outputOf<WaitOutput | WaitOutput[]>(run, 'waiting');
  const outputs = found === undefined ? [] : [found].flat();
  const steps = ['step_1', 'asked 0', 'meanwhile 0.0', 'waiting 0.0.0'];
  const faults = succeededWith(run, [...steps, ...outputs.map((_, at) => `after 0.0.0.${at}`)]);
  if (mode === 'never') {
    if (outputs.length !== 1 || outputs[0]?.timedOut !== true) faults.push('was resumed, and nobody had called');
    const tookMs = (run.finishedAt ?? 0) - calledAt(run);
    if (tookMs < expiresAfterSeconds * 1_000) faults.push(`waited no longer than ${tookMs} ms`);
    return [...faults, ...kept.map((tag) => `took the late call ${tag}`)];
  }
  const counted = outputs.map(({ query }) => query?.call ?? 'none');
  return [...faults, ...resumesAmiss(counted, { kept, perhaps }, mode === 'repeated' ? callsOfRepeated : 1)];
}

function effectsOf(run: JudgedRun): ExpectedEffect[] {
  const after = run.steps.filter(({ stepId }) => stepId === 'after').map(({ path }) => recordOf(run, 'after', path));
  return [recordOf(run, 'asked', '0'), recordOf(run, 'meanwhile', '0.0'), ...after];
}
