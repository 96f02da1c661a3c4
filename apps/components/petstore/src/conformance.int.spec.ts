import { describeComponent } from '@millrace/component-conformance';
import { petstore } from './petstore.js';

const pet = { name: 'Gromit', status: 'sold' };

describeComponent(petstore, {
  env: (url) => ({ PETSTORE_BASE_URL: url }),
  credential: { apiKey: 'a-key-for-the-conformance-suite' },
  steps: {
    createPet: { input: pet },
    createPetWithGenerator: { input: pet },
    updatePet: { input: { id: 1, ...pet } },
    findPetsByStatus: { input: { status: 'sold' } },
    getPetsByStatus: {},
  },
});
