import { runComponent } from '@millrace/component-runtime';
import { http } from './http.js';

await runComponent(http);
