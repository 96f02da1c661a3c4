/** A call was not made because of where it would have gone; the same call is refused again. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
  readonly code = 'address_refused';

  constructor(
    readonly host: string,
    readonly address: string,
    /** What the address is, in words. */
    readonly kind: string,
  ) {
    const subject = host === address || host === `[${address}]` ? address : `${host} resolves to ${address}, which`;
    super(
      `${subject} is ${kind}, and Millrace calls only the public internet: the operator can allow it with OUTGOING_ALLOW`,
    );
  }
}
