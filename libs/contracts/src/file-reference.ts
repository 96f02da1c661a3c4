/** A file that came in with a request: its bytes are in the attachment store, steps get this. */
export interface FileReference {
  /** Of the attachment, a UUID. */
  id: string;
  name: string;
  contentType: string;
  /** Bytes. */
  size: number;
  /** Signed, and good for a limited time; a GET answers the exact bytes. */
  url: string;
}
