import { commonProblems, problemsOf, type ProblemTable } from '@millrace/platform';

const ownProblems = {
  wrong_sign_in: { status: 401, title: 'The e-mail address or the password is wrong' },
  flow_not_published: { status: 409, title: 'The flow has no published version' },
  flow_not_running: { status: 409, title: 'The flow is not running' },
  flow_not_paused: { status: 409, title: 'The flow is not paused' },
  flow_paused: { status: 409, title: 'The flow is paused' },
  flow_active: { status: 409, title: 'The flow is running' },
  credential_in_use: { status: 409, title: 'A running flow uses the credential' },
  credential_missing: { status: 409, title: 'A credential of the flow does not exist any more' },
  flow_deleted: { status: 409, title: 'The flow of the run was deleted' },
  flow_changed: { status: 409, title: 'The flow has changed too much for this run' },
  run_finished: { status: 409, title: 'The run has ended' },
  run_not_failed: { status: 409, title: 'The run has not failed' },
  run_changed: { status: 409, title: 'Someone else acts on the run at the moment' },
  step_not_failed: { status: 409, title: 'The step has not failed' },
  step_not_running: { status: 409, title: 'The step does not run' },
  condition_not_true: { status: 409, title: 'The condition of the step is not true' },
  job_finished: { status: 409, title: 'The job has ended' },
  no_queue: { status: 409, title: 'There is no queue for the message' },
  no_schedule: { status: 404, title: 'The flow has no schedule' },
  sample_missing: { status: 404, title: 'The step has no sample' },
  sample_needs_run: { status: 409, title: 'The action has to be run to give a sample' },
  draft_changed: { status: 412, title: 'The draft was saved by someone else meanwhile' },
  sample_too_large: { status: 413, title: 'The sample is too large' },
  preview_too_large: { status: 413, title: 'The mapping and its context are too large' },
  sample_invalid: { status: 422, title: 'The sample cannot be read' },
  sample_not_retrievable: { status: 422, title: 'No sample can be retrieved for this step' },
  sample_not_retrieved: { status: 422, title: 'The sample could not be retrieved' },
  sample_not_found: { status: 422, title: 'The real system has nothing that could be a sample' },
  options_not_loaded: { status: 422, title: 'The component could not list the values' },
  schema_not_loaded: { status: 422, title: 'The component could not tell the fields' },
  sample_not_capturable: { status: 422, title: 'No request can become the sample of this step' },
  step_incomplete: { status: 422, title: 'The step is not complete yet' },
  mapping_invalid: { status: 422, title: 'The mapping holds expressions that are none' },
  mapping_failed: { status: 422, title: 'The mapping of a step fails' },
  draft_invalid: { status: 422, title: 'The draft cannot be published yet' },
  unknown_component: { status: 422, title: 'There is no such component' },
  oauth2_not_offered: { status: 422, title: 'The component has no authorization by OAuth 2.0' },
  authorization_unknown: { status: 409, title: 'There is no such authorization (any more)' },
  authorization_denied: { status: 422, title: 'The authorization was not given' },
  authorization_failed: { status: 422, title: 'The system gave no tokens' },
  authorization_server_unavailable: { status: 503, title: 'The system that gives tokens cannot be reached' },
  credential_not_taken: { status: 422, title: 'This component takes no credential' },
  credential_refused: { status: 422, title: 'The component refused the credential' },
  component_unavailable: { status: 503, title: 'The component cannot be reached' },
  component_timeout: { status: 504, title: 'The component did not answer in time' },
  verification_timeout: { status: 504, title: 'The credential could not be checked in time' },
} as const satisfies ProblemTable;

/** Every code that the control plane answers, with its status and title. Codes are public: clients branch on them. */
export const problemTable = { ...commonProblems, ...ownProblems };

export type ProblemCode = keyof typeof problemTable;

/** The problem with one of these codes; throw it. */
export const problem = problemsOf(ownProblems);
