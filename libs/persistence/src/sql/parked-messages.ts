import type { JsonObject } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A message that nobody could handle, kept with its reason. */
export interface ParkedMessage {
  id: string;
  /** The queue it came from. */
  queue: string;
  reason: string;
  messageId: string;
  /** JSON text. */
  headers: string;
  body: Buffer;
}

const text = `
insert into parked_message (id, queue, reason, message_id, headers, body)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::json[], $6::bytea[])
on conflict do nothing`;

/** Keeps parked messages. Safe to repeat: the id decides. */
export async function parkMessages(database: Database, messages: ParkedMessage[]): Promise<void> {
  await database.hot({
    name: 'park-messages',
    text,
    values: [
      messages.map((message) => message.id),
      messages.map((message) => message.queue),
      messages.map((message) => message.reason),
      messages.map((message) => message.messageId),
      messages.map((message) => message.headers),
      messages.map((message) => message.body),
    ],
  });
}

/** A parked message as a list shows it. */
export interface ParkedSummary {
  id: string;
  queue: string;
  reason: string;
  messageId: string;
  parkedAt: Date;
  sizeBytes: number;
}

export interface ParkedWhole extends ParkedSummary {
  headers: JsonObject;
  body: Buffer;
}

const columns = `id, queue, reason, message_id as "messageId", parked_at as "parkedAt", length(body) as "sizeBytes"`;

/** One parked message with its content. */
export async function findParked(database: Database, id: string): Promise<ParkedWhole | undefined> {
  const rows = await database.hot<ParkedWhole>({
    name: 'find-parked',
    text: `select ${columns}, headers, body from parked_message where id = $1`,
    values: [id],
  });
  return rows[0];
}
