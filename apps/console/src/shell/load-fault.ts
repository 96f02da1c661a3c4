/** Whether an error is the browser's way to say that a chunk of the console could not be loaded. */
export function loadFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /dynamically imported module|module script failed|Unable to preload CSS/i.test(error.message);
}
