/** A secret that counts, for ever or until a time. */
export interface AcceptedSecret {
  text: string;
  untilMs: number;
}

/** The present secret and, during a rotation, the one before it. */
export function acceptedSecrets(
  current: string,
  previous: string | undefined,
  previousUntil: string | undefined,
): AcceptedSecret[] {
  const accepted = [{ text: current, untilMs: Infinity }];
  if (previous !== undefined) {
    accepted.push({ text: previous, untilMs: previousUntil === undefined ? Infinity : Date.parse(previousUntil) });
  }
  return accepted;
}
