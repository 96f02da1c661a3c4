/**
 * The first word of each query key, by what it is about. Live changes are told by these words: whatever a page shows of
 * runs has a key that begins with `runs`. What follows the first word is the page's own.
 *
 *     useQuery({ queryKey: [keys.flows, 'list', filter], … })
 */
export const keys = {
  flows: 'flows',
  /** What became of the runs of flows: changes with every run, while the flows themselves do not. */
  flowFigures: 'flow-figures',
  runs: 'runs',
  jobs: 'jobs',
  incidents: 'incidents',
  rejections: 'rejections',
  parked: 'parked',
  credentials: 'credentials',
  components: 'components',
  apiTokens: 'api-tokens',
  users: 'users',
  audit: 'audit',
  workspace: 'workspace',
} as const;

export type Subject = (typeof keys)[keyof typeof keys];
