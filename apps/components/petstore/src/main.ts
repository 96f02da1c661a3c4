import { runComponent } from '@millrace/component-runtime';
import { petstore } from './petstore.js';

await runComponent(petstore);
