/** For `styles` of a field in which data is typed; its label stays as labels are. */
export const monospace = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } } as const;
