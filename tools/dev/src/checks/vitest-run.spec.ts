import { describe, expect, it } from 'vitest';
import { type VitestReport, countTests } from './vitest-run.js';

function report(passed: number, failed: number, files: [string, string[]][] = []): VitestReport {
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    testResults: files.map(([status, tests]) => ({
      status,
      assertionResults: tests.map((one) => ({ status: one })),
    })),
  };
}

describe('countTests', () => {
  it('takes over what the report counts', () => {
    expect(countTests(report(3, 1, [['failed', ['passed', 'failed']]]), 1)).toEqual({ passed: 3, failed: 1 });
  });

  it('counts a file that fails without a failed test', () => {
    expect(countTests(report(3, 0, [['failed', []]]), 1)).toEqual({ passed: 3, failed: 1 });
  });

  it('counts a run that fails though every test passed', () => {
    expect(countTests(report(3, 0, [['passed', ['passed']]]), 1)).toEqual({ passed: 3, failed: 1 });
  });

  it('counts a run without a single test as failed', () => {
    expect(countTests(report(0, 0), 0)).toEqual({ passed: 0, failed: 1 });
  });

  it('counts a run without a report as failed', () => {
    expect(countTests(undefined, 137)).toEqual({ passed: 0, failed: 1 });
  });
});
