import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * Specs run from the sources: the packages of this repository export them under this condition. `module` is left out,
 * because Node takes these conditions over, and what packages mean by it is for bundlers: Node cannot load all of it.
 */
const conditions = ['millrace-source', ...defaultServerConditions.filter((condition) => condition !== 'module')];
const folders = '{apps,libs,tools,bench,chaos}';
const outside = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${folders}/**/src/**/*.spec.ts`],
          exclude: [...outside, '**/*.int.spec.ts', '**/*.e2e.spec.ts'],
          // Loading the same modules anew for each file took longer than the tests. Integration specs close what theirs share.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'int',
          include: [`${folders}/**/src/**/*.int.spec.ts`],
          exclude: outside,
          globalSetup: ['libs/testing/src/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.spec.ts'],
          exclude: [...outside, 'e2e/console/**'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'console',
          include: ['e2e/console/**/*.e2e.spec.ts'],
          exclude: outside,
          globalSetup: ['e2e/console/shared-stack.ts'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
