/** Bounds the work for one detection. */
export interface Budget {
  /** Takes the cost of one signature over so many bytes; false when too little is left. */
  spend(bytes: number): boolean;
  /** Whether something was refused. */
  readonly exhausted: boolean;
}

const mostSignatures = 400;
/** About a second of SHA-256 on one core without hardware support. */
const mostBytes = 200_000_000;

export function createBudget(): Budget {
  let signatures = 0;
  let hashedBytes = 0;
  let exhausted = false;
  return {
    spend(bytes) {
      if (signatures + 1 > mostSignatures || hashedBytes + bytes > mostBytes) {
        exhausted = true;
        return false;
      }
      signatures += 1;
      hashedBytes += bytes;
      return true;
    },
    get exhausted() {
      return exhausted;
    },
  };
}
