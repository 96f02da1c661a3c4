/** A setting of a bare process; they are all required. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing`);
  return value;
}

/** Tells the starter that this process works, and ends it when asked to. */
export function ready(): void {
  process.on('SIGTERM', () => process.exit(0));
  console.log(readyLine);
}

export const readyLine = 'ready';
