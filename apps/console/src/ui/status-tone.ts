/** How a status is shown: by colour and by a sign, so that the colour alone never has to say it. */
export type Tone = 'good' | 'bad' | 'busy' | 'waiting' | 'calm';

const tones: Readonly<Record<string, Tone>> = {
  // Flows
  draft: 'calm',
  paused: 'waiting',
  stopped: 'calm',
  // Runs and steps; `running` is a flow's status, too.
  queued: 'waiting',
  running: 'busy',
  waiting: 'waiting',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'calm',
  skipped: 'calm',
  duplicate: 'calm',
  parked: 'waiting',
  rejected: 'bad',
  // Credentials
  verified: 'good',
  failing: 'bad',
  unverified: 'waiting',
  // Components
  available: 'good',
  away: 'bad',
  // API tokens
  expired: 'bad',
};

/** The tone of a status word; a word that is not known is calm. */
export function toneOf(status: string): Tone {
  return tones[status] ?? 'calm';
}
