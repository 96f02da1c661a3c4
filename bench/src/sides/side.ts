import type { NamedProcess } from '../measure/processes.js';

export const sideNames = ['bare', 'millrace'] as const;
export type SideName = (typeof sideNames)[number];

/** What both pipelines share. */
export interface Surroundings {
  /** A database that belongs to neither pipeline, on the same server. */
  readonly adminUrl: string;
  readonly amqpUrl: string;
  /** The Petstore API. */
  readonly petstoreUrl: string;
  readonly petstoreKey: string;
  /** Where the processes write profiles when they are profiled. */
  readonly profileDir: string | undefined;
}

export interface SideExtras {
  /** The same flow with a signature on each request. */
  readonly signed: { readonly hookUrl: string; readonly sign: Sign };
  /** The flow that `hookUrl` of the side calls. */
  readonly flowId: string;
  /** A flow of ten steps in a row, nine of which create a pet; the last one's has the name of the request's. */
  readonly tenStepsFlowId: string;
  /** A flow of a trigger alone, for files. */
  readonly filesUrl: string;
  /** The process that takes requests in. */
  readonly ingestPid: number;
}

/** The headers that prove a body. */
export type Sign = (body: string) => Record<string, string>;

/** One of the two pipelines, with its tables made and its processes not started yet. */
export interface PreparedSide {
  readonly name: SideName;
  readonly databaseUrl: string;
  /** Starts the processes against a broker, which may be a proxy of the real one, and waits until they work. */
  start(amqpUrl: string): Promise<RunningSide>;
}

export interface RunningSide {
  readonly name: SideName;
  readonly databaseUrl: string;
  /** Where requests go. */
  readonly hookUrl: string;
  /** What only Millrace does, measured beside what both do. */
  readonly extras?: SideExtras;
  readonly processes: readonly NamedProcess[];
  /** The last lines of each process, for the message of a failure. */
  logTail(): string;
  stop(): Promise<void>;
}
