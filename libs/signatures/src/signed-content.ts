import type { SignatureCheck } from './signature-check.js';

/** What was signed, as the pieces before, between and after the places where the raw body stands. */
export type SignedContent = readonly (readonly Buffer[])[];

/**
 * One check of one signature, fed with the raw body in pieces of any size. Where the body stands in what was signed more
 * than once, its pieces are kept until the end; else nothing is.
 */
export class ContentCheck {
  private readonly kept: Buffer[] = [];

  constructor(
    private readonly check: SignatureCheck,
    private readonly content: SignedContent,
  ) {
    this.take(content[0]);
  }

  /** Takes in the next bytes of the raw body. */
  update(bytes: Buffer): void {
    if (this.content.length > 1) this.check.update(bytes);
    if (this.content.length > 2) this.kept.push(bytes);
  }

  /** Whether the signature fits, after the last byte of the body. Asked once. */
  fits(): boolean {
    this.take(this.content[1]);
    for (const pieces of this.content.slice(2)) {
      this.take(this.kept);
      this.take(pieces);
    }
    return this.check.fits();
  }

  private take(pieces: readonly Buffer[] = []): void {
    for (const piece of pieces) this.check.update(piece);
  }
}
