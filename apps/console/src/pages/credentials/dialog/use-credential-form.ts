import { useState } from 'react';
import type { Component } from '../../../api/schema.generated.js';
import { credentialTypes, typeOfFields, type CredentialType } from './credential-types.js';

/** What is typed into the form of a credential. What was typed for one type stays while another is looked at. */
export interface CredentialFormState {
  types: readonly CredentialType[];
  type: CredentialType | undefined;
  chooseType: (key: string) => void;
  name: string;
  setName: (name: string) => void;
  /** Of the chosen type, without the type itself. */
  values: Readonly<Record<string, unknown>>;
  setValues: (values: Record<string, unknown>) => void;
  /** Takes the fields that someone found out; those that are not among them stay. */
  takeFields: (fields: Readonly<Record<string, unknown>>) => void;
}

export function useCredentialForm(component: Component, firstName: string): CredentialFormState {
  const types = credentialTypes(component.credentials?.fields ?? {});
  const [key, setKey] = useState<string | null>(types.length === 1 ? (types[0]?.key ?? null) : null);
  const [name, setName] = useState(firstName);
  const [valuesByType, setValuesByType] = useState<Readonly<Record<string, Record<string, unknown>>>>({});
  const type = types.find((candidate) => candidate.key === key);
  const write = (at: string, values: Record<string, unknown>): void => {
    setValuesByType((before) => ({ ...before, [at]: values }));
  };
  return {
    types,
    type,
    chooseType: setKey,
    name,
    setName,
    values: (key === null ? undefined : valuesByType[key]) ?? {},
    setValues: (values) => key !== null && write(key, values),
    takeFields: (fields) => {
      const found = typeOfFields(types, fields);
      if (!found) return;
      setKey(found.type.key);
      write(found.type.key, { ...valuesByType[found.type.key], ...found.values });
    },
  };
}
