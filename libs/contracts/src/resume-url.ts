import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseId, type FlowVersionId, type RunId, type StepId, type StepPath } from './ids.js';

/**
 * Which step of which run a resume URL resumes: every step run of that step whose path begins with `path`. The version is
 * the one in which the URL was made, so that whoever takes the call knows the step before there is a step run of it; one that was
 * retried with another is judged by that.
 */
export interface ResumeTarget {
  runId: RunId;
  versionId: FlowVersionId;
  stepId: StepId;
  path: StepPath;
}

export interface ResumeUrlsOptions {
  /** What the URLs begin with, without a slash at its end: the origin of the webhook URLs. */
  baseUrl: string;
  /** 32 bytes or more each. The first signs; what any of them signed is good, so that a key can be replaced. */
  keys: readonly [Buffer, ...Buffer[]];
}

/** Whoever has a resume URL may resume the step, unless it asks for a credential besides: never log one. */
export interface ResumeUrls {
  /** `${baseUrl}/resume/<target as base64url>.<signature as base64url>`; the same for the same target. */
  sign(target: ResumeTarget): string;
  /** The target of a token, exactly as it stood in the URL; `undefined` when it was never signed. */
  read(token: string): ResumeTarget | undefined;
}

const minimumKeyBytes = 32;

/** Signs and reads the URLs that resume waiting steps (HMAC-SHA256). @throws Error when a key is too short. */
export function createResumeUrls({ baseUrl, keys }: ResumeUrlsOptions): ResumeUrls {
  for (const { length } of keys) {
    if (length >= minimumKeyBytes) continue;
    throw new Error(`A key that signs resume URLs has ${length} bytes and needs ${minimumKeyBytes}.`);
  }
  return {
    sign(target) {
      const text = encode(target);
      return `${baseUrl}/resume/${text}.${signatureOf(keys[0], text).toString()}`;
    },
    read(token) {
      const [text = '', signature = '', ...rest] = token.split('.');
      if (rest.length > 0) return undefined;
      const given = Buffer.from(signature);
      // Every key is tried, so that the time tells nothing of which one fits.
      const fitting = keys.filter((key) => sameBytes(signatureOf(key, text), given));
      return fitting.length === 0 ? undefined : decode(text);
    },
  };
}

/** Both ids as bytes, then the step and its path: short, for people are sent such URLs. */
function encode({ runId, versionId, stepId, path }: ResumeTarget): string {
  const ids = Buffer.from(`${runId}${versionId}`.replaceAll('-', ''), 'hex');
  return Buffer.concat([ids, Buffer.from(`${stepId}:${path}`)]).toString('base64url');
}

function decode(text: string): ResumeTarget | undefined {
  const bytes = Buffer.from(text, 'base64url');
  const runId = parseId<RunId>(bytes.toString('hex', 0, 16));
  const versionId = parseId<FlowVersionId>(bytes.toString('hex', 16, 32));
  const [stepId, path] = bytes.toString('utf8', 32).split(':');
  if (!runId || !versionId || !stepId || path === undefined) return undefined;
  return { runId, versionId, stepId: stepId as StepId, path: path as StepPath };
}

/** As text: several texts decode to the same bytes, and only one of them is the signature. */
function signatureOf(key: Buffer, text: string): Buffer {
  return Buffer.from(createHmac('sha256', key).update(`millrace/resume-url/v1\n${text}`).digest('base64url'));
}

function sameBytes(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}
