import { runComponent } from '@millrace/component-runtime';
import { webhook } from './webhook.js';

await runComponent(webhook);
