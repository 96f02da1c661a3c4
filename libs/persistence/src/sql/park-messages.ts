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
