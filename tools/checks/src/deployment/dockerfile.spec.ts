import { describe, expect, it } from 'vitest';
import { inheritedInstructions, readStages } from './dockerfile.js';

const text = `# comment
ARG IMAGE=node
FROM \${IMAGE} AS base
USER 1000

FROM base AS service
# comment
HEALTHCHECK --interval=5s \\
  CMD ["node"]
CMD ["main.js"]
`;

describe('readStages', () => {
  it('reads each stage with its line and its instructions, continued lines joined', () => {
    const stages = readStages(text);
    expect([...stages.keys()]).toEqual(['base', 'service']);
    expect(stages.get('service')).toEqual({
      name: 'service',
      from: 'base',
      line: 6,
      instructions: ['HEALTHCHECK --interval=5s CMD ["node"]', 'CMD ["main.js"]'],
    });
  });
});

describe('inheritedInstructions', () => {
  it('puts those of the stages before first', () => {
    expect(inheritedInstructions(readStages(text), 'service')[0]).toBe('USER 1000');
  });
});
