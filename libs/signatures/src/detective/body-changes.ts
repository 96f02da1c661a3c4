import type { Problem } from './finding.js';

/** A body as the sender may have signed it, before something on the way made it what arrived. */
export interface SuspectedBody {
  body: Buffer;
  problem: Extract<Problem, 'body_reserialised' | 'body_line_ends'>;
  /** How the signed body differs from the one that arrived. */
  change: string;
}

/** Larger bodies are only tried with another end: a dozen copies of them would cost too much memory. */
const largestRewrittenBytes = 2_000_000;

/** The bodies that may have been signed instead of the one that arrived, each once, likely ones first. */
export function suspectedBodies(received: Buffer): SuspectedBody[] {
  const suspected: SuspectedBody[] = [];
  for (const candidate of candidates(received)) {
    const { body } = candidate;
    if (body.equals(received) || suspected.some((known) => known.body.equals(body))) continue;
    suspected.push(candidate);
  }
  return suspected;
}

function* candidates(received: Buffer): Generator<SuspectedBody> {
  yield* otherEnds(received);
  if (received.length > largestRewrittenBytes) return;
  yield* serialisations(received);
  yield* lineEnds(received);
}

function* otherEnds(received: Buffer): Generator<SuspectedBody> {
  let end = received.length;
  while (end > 0 && (received[end - 1] === 0x0a || received[end - 1] === 0x0d)) end -= 1;
  const problem = 'body_line_ends';
  yield { body: received.subarray(0, end), problem, change: 'without a line break at its end' };
  yield { body: Buffer.concat([received, Buffer.from('\n')]), problem, change: 'with a line break at its end' };
  yield { body: Buffer.concat([received, Buffer.from('\r\n')]), problem, change: 'with CR LF at its end' };
}

function* lineEnds(received: Buffer): Generator<SuspectedBody> {
  const text = received.toString('latin1');
  const bom = '\u00ef\u00bb\u00bf';
  const variants: [string, string][] = [
    [text.replaceAll('\r\n', '\n'), 'with LF for CR LF'],
    [text.replaceAll(/\r?\n/g, '\r\n'), 'with CR LF for LF'],
    [text.trim(), 'without blanks around it'],
    [text.startsWith(bom) ? text.slice(bom.length) : bom + text, 'with or without a byte order mark'],
    ['', 'empty'],
  ];
  for (const [body, change] of variants) {
    yield { body: Buffer.from(body, 'latin1'), problem: 'body_line_ends', change };
  }
}

function* serialisations(received: Buffer): Generator<SuspectedBody> {
  let variants: [string, string][];
  try {
    const value = JSON.parse(received.toString('utf8')) as unknown;
    const compact = JSON.stringify(value);
    variants = [
      [compact, 'JSON without blanks'],
      [JSON.stringify(value, null, 2), 'JSON indented by 2'],
      [spaced(compact), 'JSON with a blank after each comma and colon'],
      [asciiOnly(spaced(compact)), 'JSON as Python writes it'],
      [asciiOnly(compact), 'JSON with escapes for non-ASCII characters'],
      [slashesEscaped(asciiOnly(compact)), 'JSON as PHP writes it'],
      [slashesEscaped(compact), 'JSON with escaped slashes'],
      [JSON.stringify(value, null, 4), 'JSON indented by 4'],
      [JSON.stringify(value, null, '\t'), 'JSON indented by tabs'],
      [JSON.stringify(sorted(value)), 'JSON with its keys sorted'],
      [spaced(JSON.stringify(sorted(value))), 'JSON with its keys sorted and blanks after commas and colons'],
    ];
  } catch {
    // No JSON, or nested deeper than it can be written.
    return;
  }
  for (const [body, change] of variants) yield { body: Buffer.from(body), problem: 'body_reserialised', change };
}

/** Puts a blank after each comma and colon of compact JSON, those in strings aside. */
function spaced(compact: string): string {
  return compact.replace(/"(?:[^"\\]|\\.)*"|[:,]/g, (piece) => (piece.length === 1 ? `${piece} ` : piece));
}

function asciiOnly(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function slashesEscaped(text: string): string {
  return text.replaceAll('/', '\\/');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]));
}
