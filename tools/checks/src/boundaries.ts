import { checkBoundaries } from './boundary-check.js';
import { runCheck } from './finding.js';

// `node tools/checks/dist/boundaries.js`, in the root of the repository.
runCheck('boundaries', checkBoundaries);
