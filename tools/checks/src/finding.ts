/** One breach of a rule, at the place where it can be mended. */
export interface Finding {
  /** Path from the root of the repository, with forward slashes. */
  file: string;
  line: number;
  rule: string;
  /** What is wrong and what to do about it, in one sentence. */
  remedy: string;
}

export interface CheckResult {
  findings: Finding[];
  /** What was looked at, for the closing line: `22 projects, 140 files`. */
  looked: string;
  /** Parts that could not be checked here, with the reason. */
  skipped?: string[];
}

/** `file:line: rule: remedy`, which editors and terminals turn into a link. */
export function formatFinding(finding: Finding): string {
  return `${finding.file}:${finding.line}: ${finding.rule}: ${finding.remedy}`;
}

/** Runs a check on the repository in the working directory, prints what it found and sets the exit code. */
export function runCheck(name: string, check: (root: string) => CheckResult): void {
  const startedAt = performance.now();
  const { findings, looked, skipped = [] } = check(process.cwd());
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  for (const finding of findings) console.log(formatFinding(finding));
  for (const reason of skipped) console.log(`${name}: skipped: ${reason}`);
  console.log(`${name}: ${looked}, ${findings.length} findings (${seconds} s)`);
  if (findings.length > 0) process.exitCode = 1;
}
