/** Something that must not be, or is not done yet, as a query over the rows. */
export interface LedgerCheck {
  /** Stable; programs may branch on it. */
  name: string;
  /** What its findings are. */
  says: string;
  /** What helps. */
  remedy: string;
  /**
   * `imbalance`: what can only be after a fault. `open`: accounted for, and somebody may have to act, as with what is parked.
   * `unless-queued`: an imbalance, unless its message is still in the queue of triggers.
   */
  kind: 'imbalance' | 'open' | 'unless-queued';
  /** Selects `id` and `detail`, both text, one row a finding. */
  text: string;
}

/** What one check found. */
export interface LedgerFinding extends Omit<LedgerCheck, 'text'> {
  total: number;
  /** The first of them. */
  items: { id: string; detail: string }[];
}
