import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess } from './process-group.js';
import { type ProcessIdentity, identityOf, isRunning } from './process-identity.js';

const fileName = 'owner.json';
const endTimeoutMs = 5_000;

interface RecordedChild extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}

interface ClaimRecord {
  readonly owner: ProcessIdentity;
  readonly children: readonly RecordedChild[];
}

/** Thrown when a live process already works in the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';

  constructor(
    readonly folder: string,
    readonly ownerPid: number,
  ) {
    super(`${folder} is in use by process ${ownerPid}. Stop that process first.`);
  }
}

/**
 * The right of one process to work in a folder, kept as `owner.json` in it, with the identities of the children it
 * started there. When the owner is killed without a chance to clean up, the next claim ends those children first.
 */
export interface FolderClaim {
  readonly folder: string;
  record(name: string, pid: number, stopSignal: NodeJS.Signals): void;
  forget(name: string): void;
  release(): void;
}

/**
 * Claims a folder (created when missing) for this process. Children of an owner that no longer lives are ended.
 * @throws FolderInUseError when the owner lives, this process included.
 */
export async function claimFolder(folder: string, log?: (line: string) => void): Promise<FolderClaim> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, fileName);
  const owner = identityOf(process.pid);
  if (!owner) throw new Error('The start time of this process could not be read.');
  while (!createRecord(file, { owner, children: [] })) await clearAbandoned(folder, log);

  const children = new Map<string, RecordedChild>();
  let held = true;
  const save = (): void => {
    if (held) writeRecord(file, { owner, children: [...children.values()] });
  };
  return {
    folder,
    record(name, pid, stopSignal) {
      const identity = identityOf(pid);
      if (!identity) return;
      children.set(name, { name, stopSignal, ...identity });
      save();
    },
    forget(name) {
      if (children.delete(name)) save();
    },
    release() {
      if (!held) return;
      held = false;
      rmSync(file, { force: true });
    },
  };
}

/** The pid of the live process that holds the folder, if there is one. */
export function folderOwner(folder: string): number | undefined {
  const record = readRecord(join(folder, fileName));
  return record && isRunning(record.owner) ? record.owner.pid : undefined;
}

/** Ends what a dead owner left running in the folder and removes its claim. @throws FolderInUseError when it lives. */
export async function clearAbandoned(folder: string, log?: (line: string) => void): Promise<void> {
  const file = join(folder, fileName);
  const record = readRecord(file);
  if (record) {
    if (isRunning(record.owner)) throw new FolderInUseError(folder, record.owner.pid);
    for (const child of record.children) {
      if (!isRunning(child)) continue;
      log?.(`ending ${child.name} (process ${child.pid}) that an earlier run left behind`);
      await endProcess(child, child.stopSignal, endTimeoutMs);
    }
  }
  rmSync(file, { force: true });
}

function readRecord(file: string): ClaimRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ClaimRecord;
  } catch {
    return undefined;
  }
}

/** Puts the whole record in place at once, and only if there is none: a hard link fails when the name is taken. */
function createRecord(file: string, record: ClaimRecord): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeRecord(file: string, record: ClaimRecord): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  renameSync(draft, file);
}
