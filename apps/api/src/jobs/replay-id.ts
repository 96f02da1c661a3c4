import { createHash } from 'node:crypto';
import { parseId, type RunId } from '@millrace/contracts';

/**
 * The id of the run that a bulk job makes of another one: the same however often it does so, and none that another job
 * makes. A UUIDv7 with the time of the job's own id (RFC 9562 §5.7).
 */
export function replayIdOf(jobId: string, runId: RunId): RunId {
  const bytes = createHash('sha256').update(`${jobId} ${runId}`).digest();
  bytes.set(Buffer.from(jobId.replaceAll('-', '').slice(0, 12), 'hex'));
  bytes.writeUInt8(0x70 | ((bytes[6] ?? 0) & 0x0f), 6);
  bytes.writeUInt8(0x80 | ((bytes[8] ?? 0) & 0x3f), 8);
  const id = parseId<RunId>(bytes.subarray(0, 16).toString('hex'));
  if (!id) throw new TypeError(`${jobId} is not an id`);
  return id;
}
