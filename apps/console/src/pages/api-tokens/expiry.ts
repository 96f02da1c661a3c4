/** How long a token can be good, as the form offers it. */
export const expiryChoices = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'date', label: 'Until a day …' },
  { value: 'never', label: 'Until it is revoked' },
] as const;

const dayMs = 86_400_000;

/**
 * When a token ends, as the control plane takes it; null for never, undefined while no day is chosen. A day counts to its end,
 * in the zone of who chooses it.
 */
export function expiryTime(choice: string, day: string, now: number): string | null | undefined {
  if (choice === 'never') return null;
  if (choice !== 'date') return new Date(now + Number(choice) * dayMs).toISOString();
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}
