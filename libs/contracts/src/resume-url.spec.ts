import { describe, expect, it } from 'vitest';
import { newId, type FlowVersionId, type RunId, type StepId, type StepPath } from './ids.js';
import { createResumeUrls, type ResumeTarget } from './resume-url.js';

const key = Buffer.alloc(32, 1);
const baseUrl = 'https://hooks.example.com';
const urls = createResumeUrls({ baseUrl, keys: [key] });
const target: ResumeTarget = {
  runId: newId<RunId>(),
  versionId: newId<FlowVersionId>(),
  stepId: 'step_3' as StepId,
  path: '0.12' as StepPath,
};
const tokenOf = (url: string): string => url.slice(`${baseUrl}/resume/`.length);

describe('a resume URL', () => {
  it('names its step run, and is the same whenever it is made', () => {
    const url = urls.sign(target);
    expect(url).toMatch(/^https:\/\/hooks\.example\.com\/resume\/[\w-]+\.[\w-]{43}$/);
    expect(urls.read(tokenOf(url))).toEqual(target);
    expect(urls.sign({ ...target })).toBe(url);
    const atTrigger = { ...target, path: '' as StepPath };
    expect(urls.read(tokenOf(urls.sign(atTrigger)))).toEqual(atTrigger);
  });

  it('is not taken with any bit of its token flipped, cut off or added', () => {
    const token = tokenOf(urls.sign(target));
    for (let at = 0; at < token.length; at += 1) {
      for (let bit = 0; bit < 7; bit += 1) {
        const flipped = String.fromCharCode(token.charCodeAt(at) ^ (1 << bit));
        expect(urls.read(token.slice(0, at) + flipped + token.slice(at + 1))).toBeUndefined();
      }
      expect(urls.read(token.slice(0, at))).toBeUndefined();
    }
    for (const more of ['.', '=', 'A', ' ', `.${token}`]) expect(urls.read(token + more)).toBeUndefined();
  });

  it('is good as long as the key that signed it is known', () => {
    const token = tokenOf(urls.sign(target));
    const next = Buffer.alloc(32, 2);
    expect(createResumeUrls({ baseUrl, keys: [next, key] }).read(token)).toEqual(target);
    expect(createResumeUrls({ baseUrl, keys: [next] }).read(token)).toBeUndefined();
    expect(() => createResumeUrls({ baseUrl, keys: [Buffer.alloc(31)] })).toThrow(/31 bytes and needs 32/);
  });
});
