/*
 * What goes on in the workspaces that somebody looks at, told as it happens.
 *
 *   triggers of tables ──notify──────────▶ each api process ──▶ room of the workspace ──gathered──▶ its readers
 *   the newest runs ──looked at each second──▶
 *
 * Each process finds out by itself, so it does not matter which of them a reader is connected to. A workspace is looked at
 * while it has a room, and has one while it has readers. What was missed is not made up for: `ready` asks to read anew.
 */
import type { FlowId, RunId, UserId, WorkspaceId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { listenForChanges, sessionRepository, type Change, type Database, type Role } from '@millrace/persistence';
import { findVisible } from '../parked/parked-messages.js';
import { createChangeBatch, type ChangeBatch } from './change-batch.js';
import { eventText, type EventStream } from './event-stream.js';
import { lookAtRuns, unseenRuns, type SeenRuns } from './run-glances.js';

/** Who wants to be told. */
export interface Reader {
  userId: UserId;
  workspaceId: WorkspaceId;
  role: Role;
  tokenHash: Buffer;
  /** Runs that they look at. */
  runIds: readonly RunId[];
}

export interface Live {
  /**
   * Tells a reader of changes until their session or API token ends, or `leave` is called. `open` is called when it begins:
   * nothing that is committed after that is missed. Rejects when the database is away.
   */
  join(
    reader: Reader,
    open: (leave: () => void) => EventStream,
  ): Promise<{ outcome: 'joined' | 'tooManyOfUser' | 'full' }>;
  close(): Promise<void>;
}

const times = { lookEveryMs: 1_000, gatherMs: 500, beatEveryMs: 15_000, checkSessionsEveryMs: 5_000 };

export const maxPerUser = 10;
const maxMembers = 2_000;
/** So many parked messages are read at once to see whose they are. */
const maxParkedRead = 10;

interface Member extends Reader {
  /** None until the first look is over. */
  stream?: EventStream;
}

interface Room extends SeenRuns {
  members: Set<Member>;
  batch: ChangeBatch;
  /** Parked messages that may be of this workspace. */
  parkedIds: Set<string>;
  timer: NodeJS.Timeout | undefined;
  toldAtMs: number;
  /** There was a first look, which the next ones are compared with. */
  looked: boolean;
}

const ready = eventText('ready', {});

/** Begins to hear of changes, on a connection of its own to the database. */
export function startLive(options: { database: Database; url: string; logger: Logger }): Live {
  const { database, url, logger } = options;
  const rooms = new Map<WorkspaceId, Room>();
  const memberCounts = new Map<UserId, number>();
  let memberCount = 0;
  let closed = false;

  const listener = listenForChanges({
    url,
    applicationName: 'api live',
    onChange: ({ workspaceId, ...change }) => {
      const room = workspaceId && rooms.get(workspaceId);
      for (const one of workspaceId ? (room ? [room] : []) : rooms.values()) notice(one, workspaceId, change);
    },
    onGap: () => {
      for (const { members } of rooms.values()) for (const { stream } of members) stream?.send(ready);
    },
    onFault: (error) => logger.warn({ err: error }, 'changes are not heard at the moment'),
  });

  function notice(room: Room, owner: WorkspaceId | null, { type, flowId, id }: Omit<Change, 'workspaceId'>): void {
    if (type === 'parked' && owner === null) {
      if (id !== null && room.parkedIds.size < maxParkedRead) room.parkedIds.add(id);
    } else if (type === 'run' && id !== null) {
      room.named.add(id as RunId);
      room.batch.add(runChange(flowId, id as RunId));
    } else {
      room.batch.add({ type, ...(flowId && { flowId }), ...(id !== null && { id }) });
    }
    tellSoon(room);
  }

  /** Almost at once when nothing was told for a while, else when the time is over in which each kind is told once. */
  function tellSoon(room: Room): void {
    if (room.timer || (room.batch.isEmpty && room.parkedIds.size === 0)) return;
    const waitMs = Math.max(times.gatherMs / 10, room.toldAtMs + times.gatherMs - performance.now());
    room.timer = setTimeout(() => void tell(room), waitMs);
  }

  async function tell(room: Room): Promise<void> {
    if (room.parkedIds.size > 0) await addParked(room);
    room.timer = undefined;
    room.toldAtMs = performance.now();
    const changes = room.batch.take();
    const textFor = (role: Role) =>
      changes
        .filter(({ type }) => type !== 'parked' || role === 'administrator')
        .map((change) => eventText('change', change))
        .join('');
    const texts: Record<Role, string> = { administrator: textFor('administrator'), member: textFor('member') };
    for (const { role, stream } of room.members) if (texts[role] !== '') stream?.send(texts[role]);
  }

  /** A parked message is read to see whose it is: for those only who may know of it. */
  async function addParked(room: Room): Promise<void> {
    const ids = [...room.parkedIds];
    room.parkedIds.clear();
    if (![...room.members].some(({ role }) => role === 'administrator')) return;
    try {
      for (const id of ids) {
        if (await findVisible({ database }, room.workspaceId, id)) room.batch.add({ type: 'parked', id });
      }
    } catch (error) {
      logger.warn({ err: error }, 'a parked message could not be looked at');
    }
  }

  let turn: Promise<unknown> = Promise.resolve();
  let looking = false;

  /** One look at a time: each is compared with the one before. */
  function lookInTurn(chosen: () => Room[]): Promise<void> {
    const look = turn.then(() => lookAt(chosen()));
    turn = look.catch(() => undefined);
    return look;
  }

  async function lookAt(chosen: Room[]): Promise<void> {
    if (chosen.length === 0 || closed) return;
    for (const { workspace, run } of await lookAtRuns(database, chosen)) {
      const room = rooms.get(workspace.workspaceId);
      if (room?.looked) room.batch.add(runChange(run.flowId, run.id));
    }
    for (const room of chosen) {
      room.looked = true;
      tellSoon(room);
    }
  }

  async function lookAtAll(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      await lookInTurn(() => [...rooms.values()].filter((room) => room.looked));
    } catch (error) {
      logger.warn({ err: error }, 'runs could not be looked at, it is tried again');
    } finally {
      looking = false;
    }
  }

  async function endSessions(): Promise<void> {
    const members = [...rooms.values()].flatMap((room) => [...room.members]);
    if (members.length === 0) return;
    try {
      const sessions = sessionRepository(database.dataSource.manager);
      const roles = await sessions.activeRoles(members.map(({ tokenHash }) => tokenHash));
      for (const { tokenHash, role, stream } of members) {
        if (roles.get(tokenHash.toString('hex')) !== role) stream?.end();
      }
    } catch (error) {
      logger.warn({ err: error }, 'sessions could not be looked at, it is tried again');
    }
  }

  const timers = [
    setInterval(() => void lookAtAll(), times.lookEveryMs),
    setInterval(() => void endSessions(), times.checkSessionsEveryMs),
    setInterval(() => {
      for (const { members } of rooms.values()) for (const { stream } of members) stream?.beat();
    }, times.beatEveryMs),
  ];

  function roomOf(workspaceId: WorkspaceId): Room {
    const known = rooms.get(workspaceId);
    if (known) return known;
    const members = new Set<Member>();
    const room: Room = {
      ...unseenRuns(workspaceId, () => [...members].flatMap(({ runIds }) => runIds)),
      members,
      batch: createChangeBatch(),
      parkedIds: new Set(),
      timer: undefined,
      toldAtMs: -Infinity,
      looked: false,
    };
    rooms.set(workspaceId, room);
    return room;
  }

  function enter(member: Member): { room: Room; leave: () => void } {
    const room = roomOf(member.workspaceId);
    room.members.add(member);
    memberCount += 1;
    memberCounts.set(member.userId, (memberCounts.get(member.userId) ?? 0) + 1);
    const leave = (): void => {
      if (!room.members.delete(member)) return;
      memberCount -= 1;
      const left = (memberCounts.get(member.userId) ?? 1) - 1;
      if (left === 0) memberCounts.delete(member.userId);
      else memberCounts.set(member.userId, left);
      if (room.members.size > 0) return;
      clearTimeout(room.timer);
      rooms.delete(room.workspaceId);
    };
    return { room, leave };
  }

  return {
    async join(reader, open) {
      if (memberCount >= maxMembers || closed) return { outcome: 'full' };
      if ((memberCounts.get(reader.userId) ?? 0) >= maxPerUser) return { outcome: 'tooManyOfUser' };
      const member: Member = { ...reader };
      const { room, leave } = enter(member);
      try {
        if (!room.looked || reader.runIds.length > 0) await lookInTurn(() => [room]);
      } catch (error) {
        leave();
        throw error;
      }
      if (closed) {
        leave();
        return { outcome: 'full' };
      }
      member.stream = open(leave);
      member.stream.send(ready);
      return { outcome: 'joined' };
    },

    async close() {
      closed = true;
      for (const timer of timers) clearInterval(timer);
      for (const { members, timer } of rooms.values()) {
        clearTimeout(timer);
        for (const { stream } of members) stream?.end();
      }
      await listener.close();
      await turn;
    },
  };
}

function runChange(flowId: FlowId | null, runId: RunId): { type: 'run'; flowId?: FlowId; runId: RunId } {
  return { type: 'run', ...(flowId && { flowId }), runId };
}
