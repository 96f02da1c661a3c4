import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { SideExtras } from '../sides/side.js';
import { peakResidentMib, resetPeak, residentMib } from './processes.js';

const pieceBytes = 64 * 1024;
const settleMs = 500;

/**
 * Sends one file of random bytes and tells by how many MiB the memory of the process that takes it in rose at the most,
 * from what was resident before. @throws Error when it is not answered 2xx.
 */
export async function uploadGrowthMib({ filesUrl, ingestPid }: SideExtras, bytes: number): Promise<number> {
  await sleep(settleMs);
  const before = residentMib(ingestPid);
  resetPeak(ingestPid);
  const answer = await request(filesUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes) },
    body: Readable.from(pieces(bytes)),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`the upload was answered ${answer.statusCode}: ${text}`);
  return peakResidentMib(ingestPid) - before;
}

async function* pieces(bytes: number): AsyncGenerator<Buffer> {
  const piece = randomBytes(pieceBytes);
  for (let left = bytes; left > 0; left -= pieceBytes) yield left >= pieceBytes ? piece : piece.subarray(0, left);
}
