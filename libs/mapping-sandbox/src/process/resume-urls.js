import { refuse } from './refuse.js';

/** @type {Record<string, string> | string | undefined} */
let urls;

/**
 * Gives the resume URLs that the next expression may ask for: by step, or one that stands for all.
 *
 * @param {Record<string, string> | string | undefined} known
 */
export function setResumeUrls(known) {
  urls = known;
}

/**
 * The URL that resumes a waiting step of this run.
 *
 * @param {string} step
 * @returns {string}
 */
export function resumeUrl(step) {
  if (typeof urls === 'string') return urls;
  const url = urls !== undefined && Object.hasOwn(urls, step) ? urls[step] : undefined;
  if (url === undefined) {
    throw refuse('invalid_argument', `$resumeUrl: there is no step "${step}" that waits below this one.`);
  }
  return url;
}
