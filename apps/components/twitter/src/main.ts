import { runComponent } from '@millrace/component-runtime';
import { twitter } from './twitter.js';

await runComponent(twitter);
