import type { Random } from '../random.js';

/** How a target treats a share of its calls while it is not well. */
export const moods = ['slow', 'unavailable', 'busy', 'answerLost', 'silent'] as const;
export type Mood = (typeof moods)[number];

/*
 *   slow         takes the effect and answers late
 *   unavailable  503, no effect
 *   busy         429 with `Retry-After: 1`, no effect
 *   answerLost   takes the effect and cuts the connection instead of answering
 *   silent       neither takes the effect nor answers, until the caller gives up
 */
export type Treatment = Mood | 'well';

/** The part of the calls that meet the mood; the others are treated well, so that runs go on. */
const share = 0.5;

export function treatmentOf(mood: Mood | undefined, random: Random): Treatment {
  return mood !== undefined && random.next() < share ? mood : 'well';
}
