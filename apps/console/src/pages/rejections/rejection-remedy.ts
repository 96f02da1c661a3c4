/** What helps against a refusal, by its reason. */
const remedies: Readonly<Record<string, string>> = {
  unauthorized:
    'Compare how the sender signs in with the credential of the flow’s trigger: type, user name and password, key and header, or secret and algorithm of the signature.',
  not_found: 'The flow was not running. Start it in the list of flows, and have the sender send the request again.',
  method_not_allowed:
    'Have the sender use a method that the trigger of the flow takes, or allow this one in its configuration.',
  unsupported_media_type: 'Have the sender set Content-Type to what it sends, such as application/json.',
  unsupported_encoding: 'Have the sender leave the body uncompressed, or compress it with gzip.',
  invalid_body:
    'The body is not what its Content-Type says. Check it for syntax; the message says where it breaks off.',
  malformed_request: 'What the sender wrote is no valid HTTP. A proxy between the two may have changed it.',
  request_timeout:
    'The sender began a request and did not end it in time. Look at its connection, or at what lies between.',
  body_too_large: 'Have the sender send less at a time, or raise the limit in the configuration of the trigger.',
  headers_too_large: 'Have the sender use fewer or shorter headers, or a shorter URL.',
  too_many_requests: 'Have the sender wait as long as the header Retry-After says, or raise the limit of the flow.',
};

export function rejectionRemedy(reason: string): string {
  return remedies[reason] ?? 'Read the reason, change what it names, and have the sender send the request again.';
}

/** Reasons that can be filtered by, in words. */
export const rejectionReasons: readonly { value: string; label: string }[] = [
  { value: 'unauthorized', label: 'Credentials missing or wrong' },
  { value: 'not_found', label: 'The flow was not running' },
  { value: 'invalid_body', label: 'Body not valid' },
  { value: 'unsupported_media_type', label: 'Content type not taken' },
  { value: 'unsupported_encoding', label: 'Encoding not taken' },
  { value: 'method_not_allowed', label: 'Method not taken' },
  { value: 'body_too_large', label: 'Body too large' },
  { value: 'too_many_requests', label: 'Too many calls' },
  { value: 'request_timeout', label: 'Came in too slowly' },
  { value: 'malformed_request', label: 'No valid HTTP' },
];

export function reasonWords(reason: string): string {
  return rejectionReasons.find(({ value }) => value === reason)?.label ?? reason;
}
