/** How a failure is mended, by its code; a code that is not known here gets what helps in general. */
const remedies: Readonly<Record<string, string>> = {
  mapping_failed:
    'An expression of the mapping does not fit this input. Correct it in the designer, publish, then retry with the published version.',
  condition_failed:
    'The condition before this step could not be evaluated. Correct it in the designer, publish, then retry with the published version.',
  invalid_input:
    'A field has a value that the action does not take. Correct the mapping and retry with the published version, or have the sender send another value and replay.',
  invalid_config:
    'The step’s configuration is not complete or not right. Correct it in the designer, publish and retry.',
  peer_refused:
    'The other system understood the call and refused it, so trying again as it is will not help. Read its reason above; correct the mapping or the data, then retry with the published version.',
  not_found: 'The other system does not know what was asked for. Check the ids in the input.',
  forbidden: 'The other system does not allow this. Check what the credential may do there.',
  credential_missing:
    'The step has no credential. Choose one in the designer, publish, then retry with the published version.',
  credential_invalid:
    'The credential does not hold what the component needs. Correct it on the page “Credentials”, then retry.',
  credential_refused:
    'The other system does not take the credential any more. Renew it on the page “Credentials”, then retry.',
  credential_unreadable:
    'The credential cannot be opened. Enter its secret fields anew on the page “Credentials”, then retry.',
  rate_limited: 'The other system was asked too often. Retry later, or let the flow run fewer runs at a time.',
  peer_unavailable: 'The other system could not be reached. Retry when it is there again.',
  connection_refused: 'The other system could not be reached. Retry when it is there again.',
  timeout:
    'The step took longer than it may. Whether it took effect is not known: look into the other system before you retry.',
  time_exceeded: 'The expression took too long. Make it simpler, publish, then retry with the published version.',
  wait_timed_out: 'Nobody called the resume URL in time. Retry to wait once more.',
  address_refused: 'Addresses inside of a private network are refused. Whoever runs Millrace can allow this one.',
  address_invalid: 'What the step is to call is no valid address. Correct its configuration or mapping.',
  input_too_large: 'What is handed to the step is too large. Map only the fields that it needs.',
  output_too_large: 'The step gave more than a run may hold. Ask the other system for less at a time.',
  peer_answer_too_large: 'The other system answered more than a step may take. Ask it for less at a time.',
  component_crashed: 'The component ended unexpectedly several times. Its log says more; retry when it is mended.',
  memory_exceeded: 'The component needed more memory than it has. Give it smaller inputs or more memory.',
  operation_unknown:
    'The component that runs does not have this operation (any more). Update it, or choose another one and publish.',
  message_parked:
    'The message of this step could not be handled and is parked. An administrator finds the reason on the page “Parked”.',
};

/** What to do about a failed step, in words. */
export function remedyOf(code: string): string {
  return (
    remedies[code] ??
    'Read the message and the detail. When the cause is mended, retry: only what has failed is done again, with the same idempotency key.'
  );
}
