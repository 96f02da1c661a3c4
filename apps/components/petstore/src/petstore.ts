import { defineComponent } from '@millrace/component-sdk';
import { z } from 'zod';
import { callPetstore, credential, settings } from './api.js';
import { createPet, createPetWithGenerator } from './create-pet.js';
import { findPetsByStatus } from './find-pets-by-status.js';
import { getPetsByStatus } from './get-pets-by-status.js';
import { updatePet } from './update-pet.js';

export const petstore = defineComponent({
  name: 'petstore',
  title: 'Petstore API',
  description: 'Keeps pets in a Petstore API.',
  version: '1.1.0',
  settings,
  credentials: {
    fields: credential,
    verify: async (caller) => {
      await callPetstore(caller, { method: 'GET', path: '/user/me' }, z.unknown());
    },
  },
  actions: { createPet, createPetWithGenerator, updatePet, findPetsByStatus },
  triggers: { getPetsByStatus },
});
