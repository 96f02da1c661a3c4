/** Something that keeps a draft from being published, with the place where to mend it. */
export interface Problem {
  /** JSON pointer into the draft (RFC 6901). */
  pointer: string;
  code: ProblemCode;
  message: string;
}

export type ProblemCode =
  | 'no_trigger'
  | 'trigger_expected'
  | 'action_expected'
  | 'duplicate_step'
  | 'unknown_step'
  | 'unreachable_step'
  | 'several_parents'
  | 'cycle'
  | 'component_missing'
  | 'unknown_component'
  | 'operation_missing'
  | 'unknown_operation'
  | 'credential_missing'
  | 'unknown_credential'
  | 'wrong_credential'
  | 'field_missing'
  | 'unknown_field'
  | 'invalid_value'
  | 'invalid_expression'
  | 'unknown_output'
  | 'unknown_wait'
  | 'condition_not_boolean'
  | 'default_with_condition'
  | 'several_defaults'
  | 'invalid_schedule'
  | 'unknown_time_zone'
  | 'unexpected_schedule';
