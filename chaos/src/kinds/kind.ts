import type { ApiClient } from '@millrace/dev';
import type { ExpectedEffect, JudgedRun } from '../judge/judged-run.js';
import type { Effects } from '../target/effects.js';

/** What kinds build their flows on. */
export interface Ground {
  readonly api: ApiClient;
  /** Credentials: a webhook that lets everybody call, and the Petstore. */
  readonly open: string;
  readonly petstore: string;
  /** The address at which the next call of a flow goes in: the replicas take turns. */
  readonly hookUrl: (flowId: string) => string;
  /** An address that Millrace gave out, as the next replica has it. */
  readonly nextDoor: (url: string) => string;
  /** What the targets took so far. */
  readonly effects: Effects;
  /**
   * Tells the ledger of an act that makes a run of request `number` besides the client's own call, such as a replay, and how
   * it was answered; `undefined` when it was cut.
   */
  readonly note: (number: number, verdict: Verdict | undefined) => void;
}

/** What a client made of the answer to one call. */
export type Verdict =
  /** It counts: exactly one run of this id must come to its end. */
  | { readonly outcome: 'accepted'; readonly requestId: string }
  /** Not accepted, perhaps stored all the same: the client sends again. */
  | { readonly outcome: 'refused'; readonly status: number }
  /** An answer that Millrace must never give. */
  | { readonly outcome: 'wrong'; readonly what: string };

/**
 * A kind of flow under test. A new one is a file of its own with a line in `all.ts`: it makes its flow, sends its numbered
 * requests, and says what each run must have come to.
 */
export interface Kind {
  readonly name: string;
  /** Makes the flow, or flows, through the public API, before anything is killed. */
  create(ground: Ground): Promise<FlowUnderTest>;
}

/** What is known besides the runs of a kind when all of them are judged. */
export interface Known {
  /** Times without any fault, in milliseconds since the epoch. */
  readonly calm: readonly { readonly from: number; readonly until: number }[];
  /** When the client had read that a run was accepted; `undefined` when it never did. */
  readonly acceptedAt: (runId: string) => number | undefined;
}

export interface FlowUnderTest {
  /** All runs of these flows are of this kind. */
  readonly flowIds: readonly string[];
  /** Calls for request `number` (unique over all kinds), as a client does. A rejection is a call that was cut. */
  send(number: number): Promise<Response>;
  /** Default: 2xx with the request id in its JSON is accepted, 408, 429 and 5xx are refused, all else is wrong. */
  read?(answer: Response, number: number): Promise<Verdict>;
  /** What is wrong with a run that has ended; none of it when it came to what its request asked for. */
  judge(run: JudgedRun): string[];
  /** The effects that a run must have had, and no other ones. */
  effects(run: JudgedRun): ExpectedEffect[];
  /** What only all runs of the kind together show. */
  judgeAll?(runs: readonly JudgedRun[], known: Known): Promise<string[]> | string[];
  /** Whether `judgeAll` answers for how many of such runs there are, because no call of a client made them. */
  accountsFor?(run: JudgedRun): boolean;
  /**
   * What somebody does to the flow while requests come in, until `stopping`: pause and resume it, call resume URLs, cancel,
   * replay. It runs through all faults, so it must be safe to repeat, and has to leave the flow such that every run ends.
   */
  meanwhile?(stopping: AbortSignal): Promise<void>;
  /** The same from the first request until all is over, where runs do not end unless somebody acts. */
  throughout?(over: AbortSignal): Promise<void>;
  /** What is still to be done, or to come to its end, besides runs; 0 when there is nothing. */
  pending?(): number;
  /** After the last request: ends what goes on by itself. */
  close?(): Promise<void>;
}
