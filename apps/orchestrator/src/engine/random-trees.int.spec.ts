import { createHash } from 'node:crypto';
import type { Delivery } from '@millrace/amqp';
import { decodeStepMessage, newId, queues, type EndedOutcome, type Json, type RunId } from '@millrace/contracts';
import type { Edge, FlowDraft } from '@millrace/flow-model';
import { seedFlow } from '@millrace/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { releaseDue } from '../upkeep/releaser.js';
import { delivery, resultOf, useEngine } from './engine.fixture.js';
import { handleResults } from './results.js';

const engine = useEngine();
const maxAttempts = 2;
/** What conditions may give. */
const truths = [true, true, true, false, false, 'maybe'];

type EdgeKind = 'always' | 'path' | 'full' | 'default';

interface Scenario {
  /** Of every step after the first: the step above it, counted from the first, and how its edge is taken. */
  below: { parent: number; kind: EdgeKind }[];
  /** What the steps do follows from it. */
  seed: number;
  /** What happens to the deliveries, one number for each turn. */
  turns: number[];
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  below: fc.array(
    fc.record({
      parent: fc.nat({ max: 5 }),
      kind: fc.constantFrom<EdgeKind[]>('always', 'path', 'full', 'default'),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  seed: fc.nat(),
  turns: fc.array(fc.nat(), { minLength: 8, maxLength: 40 }),
});

const idOf = (at: number) => `s${at}`;

function draftOf({ below }: Scenario): FlowDraft {
  const withDefault = new Set<number>();
  const edges = below.map(({ parent, kind }, at): Edge => {
    const above = parent % (at + 1);
    const edge = { from: idOf(above), to: idOf(at + 1) };
    if (kind === 'path') return { ...edge, condition: edge.to };
    if (kind === 'full') return { ...edge, condition: `$lookup($, "${edge.to}")` };
    if (kind === 'always' || withDefault.has(above)) return edge;
    withDefault.add(above);
    return { ...edge, default: true };
  });
  const steps = [0, ...below.map((_, at) => at + 1)].map((at) => ({
    id: idOf(at),
    component: 'echo',
    operation: 'echo',
    retry: { maxAttempts },
    mapping: { number: 'number', text: '$string(number)' },
  }));
  return { steps, edges };
}

/** A number that follows from a seed and a place. */
function chance(seed: number, ...place: (string | number)[]): number {
  return createHash('sha256')
    .update([seed, ...place].join(' '))
    .digest()
    .readUInt32BE(0);
}

/** What a step does at an attempt: it fails, for good or not, or emits some outputs that say which conditions are true. */
function behave({ seed, below }: Scenario, stepId: string, path: string, attempt: number): EndedOutcome {
  const kind = chance(seed, stepId, path, attempt) % 10;
  const error = { code: 'refused', message: 'no', detail: null };
  if (kind === 0) return { kind: 'failed', error, retry: { kind: 'never' } };
  if (kind <= 2) return { kind: 'failed', error, retry: { kind: 'policy' } };
  const count = chance(seed, stepId, path, 'outputs') % 3;
  const outputs = Array.from({ length: count }, (_, number): Json => {
    const said = below.map(
      (_edge, at) => [idOf(at + 1), truths[chance(seed, stepId, path, number, at) % truths.length]!] as const,
    );
    return { number, ...Object.fromEntries(said) };
  });
  return { kind: 'succeeded', outputs };
}

/** The step runs that there must be in the end, as `step path attempt status`, worked out without the engine. */
function expectedSteps(given: Scenario, draft: FlowDraft): string[] {
  const found: string[] = [];
  const visit = (stepId: string, path: string, attempt = 1): void => {
    const outcome = behave(given, stepId, path, attempt);
    if (outcome.kind === 'failed' && outcome.retry.kind === 'policy' && attempt < maxAttempts) {
      return visit(stepId, path, attempt + 1);
    }
    found.push(`${stepId} ${path} ${attempt} ${outcome.kind}`);
    if (outcome.kind === 'failed') return;
    outcome.outputs.forEach((output, number) => {
      const said = output as Record<string, Json>;
      const edges = draft.edges.filter(({ from }) => from === stepId);
      const anyTrue = edges.some(({ to, condition }) => condition != null && said[to] === true);
      for (const edge of edges) {
        const below = path === '' ? `${number}` : `${path}.${number}`;
        const taken = edge.condition == null ? !edge.default || !anyTrue : said[edge.to];
        if (taken === true) visit(edge.to, below);
        else if (taken !== false) found.push(`${edge.to} ${below} 1 failed`);
      }
    });
  };
  visit(idOf(0), '');
  return found.toSorted();
}

interface RunRow {
  status: string;
  open: number;
  failed: number;
  finishedAt: Date | null;
  unfinished: number;
  ended: string[] | null;
}

async function runRow(runId: RunId): Promise<RunRow> {
  const [row] = await engine.database.dataSource.query<RunRow[]>(
    `select r.status, r.open_steps as open, r.failed_steps as failed, r.finished_at as "finishedAt",
            (select count(*)::int from step_run where run_id = $1 and finished_at is null) as unfinished,
            (select array_agg(step_id || ' ' || path || ' ' || attempt || ' ' || status) from step_run
             where run_id = $1 and finished_at is not null) as ended
     from run r where r.id = $1`,
    [runId],
  );
  return row!;
}

/** Lets what waits for its next attempt have it now. */
async function release(): Promise<void> {
  await engine.database.dataSource.query(`update step_run set due_at = now() where status = 'waiting'`);
  await releaseDue(engine.deps, new AbortController().signal);
}

/** Runs a scenario to its end, with deliveries out of order, again and again, two batches at once, and kills. */
async function play(given: Scenario): Promise<void> {
  const draft = draftOf(given);
  const flow = await seedFlow(engine.database, draft);
  const runId = newId<RunId>();
  engine.sent.length = 0;
  await engine.begin(flow, runId);
  const waiting: Delivery[] = [];
  const seen: Delivery[] = [];
  let end: Date | null = null;
  let read = 0;

  function takeSent(): void {
    for (; read < engine.sent.length; read += 1) {
      const { routingKey, body } = engine.sent[read]!;
      if (routingKey === queues.results) waiting.push(delivery({ body }));
      const step = routingKey === queues.results ? undefined : decodeStepMessage(body);
      if (!step?.ok) continue;
      const { stepId, path, attempt } = step.value;
      waiting.push(resultOf(step.value, behave(given, stepId, path, attempt)));
    }
  }

  async function turn(number: number): Promise<void> {
    const batch = waiting.splice(number % Math.max(1, waiting.length), 1 + (number % 4));
    if (number % 3 === 0 && seen.length > 0) batch.push(seen[number % seen.length]!);
    const [one, other] = [batch.slice(0, batch.length >> 1), batch.slice(batch.length >> 1)];
    engine.killedBeforePublish = number % 5 === 0;
    const handled = await Promise.allSettled([one, other].map((part) => handleResults(engine.deps, part)));
    engine.killedBeforePublish = false;
    [one, other].forEach((part, at) => (handled[at]?.status === 'rejected' ? waiting : seen).push(...part));
    const row = await runRow(runId);
    expect(row.open).toBe(row.unfinished);
    expect(row.status === 'running').toBe(row.open > 0);
    if (end) expect(row.finishedAt).toEqual(end);
    end = row.finishedAt;
  }

  takeSent();
  // After the last number nothing is killed or delivered again any more.
  for (let at = 0; at < 500 && !(end && at > given.turns.length); at += 1) {
    if (waiting.length === 0) await release();
    takeSent();
    await turn(given.turns[at] ?? 1);
    takeSent();
  }
  const row = await runRow(runId);
  const expected = expectedSteps(given, draft);
  expect(row.ended?.toSorted()).toEqual(expected);
  const failures = expected.filter((step) => step.endsWith(' failed')).length;
  expect(row).toMatchObject({ open: 0, failed: failures, status: failures > 0 ? 'failed' : 'succeeded' });
}

describe('a run of any tree', () => {
  it('has each of its steps once, counts the open ones exactly, ends once, and as its branches did', async () => {
    await fc.assert(fc.asyncProperty(scenario, play), { numRuns: 40, interruptAfterTimeLimit: 60_000 });
  }, 120_000);
});
