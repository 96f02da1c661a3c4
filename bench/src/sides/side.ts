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
  readonly processes: readonly NamedProcess[];
  /** The last lines of each process, for the message of a failure. */
  logTail(): string;
  stop(): Promise<void>;
}
