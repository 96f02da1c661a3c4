import { describe, expect, it } from 'vitest';
import { completeLockfile, missingPackages, type Lockfile } from './lockfile.js';

const lock: Lockfile = {
  packages: {
    '': {},
    'node_modules/string_decoder': { version: '1.0.0' },
    'node_modules/string-width': { version: '1.0.0' },
    'node_modules/lint': {
      version: '2.0.0',
      dev: true,
      optionalDependencies: { '@lint/linux-x64-gnu': '2.0.0', '@lint/linux-arm-musleabihf': '2.0.0' },
    },
    'node_modules/@lint/linux-x64-gnu': { version: '2.0.0' },
    'node_modules/web': { version: '1.0.0' },
    'node_modules/web/node_modules/parse': {
      version: '3.0.0',
      optionalDependencies: { 'parse-darwin-arm64': '3.0.0' },
    },
    'node_modules/web/node_modules/parse-darwin-arm64': { version: '3.0.0' },
  },
};

describe('missingPackages', () => {
  it('names what no look-up from its parent finds', () => {
    expect(missingPackages(lock)).toEqual([
      { name: '@lint/linux-arm-musleabihf', version: '2.0.0', wantedBy: 'node_modules/lint' },
    ]);
  });
});

describe('completeLockfile', () => {
  it('adds the missing build with the platform of its name, and keeps the rest in the order of npm', () => {
    const complete = completeLockfile(lock);
    expect(complete.packages['node_modules/@lint/linux-arm-musleabihf']).toEqual({
      version: '2.0.0',
      os: ['linux'],
      cpu: ['arm'],
      libc: ['musl'],
      dev: true,
      optional: true,
    });
    expect(missingPackages(complete)).toEqual([]);
    expect(Object.keys(complete.packages).slice(-5, -3)).toEqual([
      'node_modules/string_decoder',
      'node_modules/string-width',
    ]);
  });

  it('refuses a package whose platform or version it would have to guess', () => {
    const broken = (name: string, version: string): Lockfile => ({
      packages: { 'node_modules/a': { optionalDependencies: { [name]: version } } },
    });
    expect(() => completeLockfile(broken('fsevents', '2.3.3'))).toThrow(/fsevents does not name its platform/);
    expect(() => completeLockfile(broken('a-linux-x64', '^1.0.0'))).toThrow(/is not one version/);
  });
});
