import { checkDeployment } from './deployment/deployment-check.js';
import { runCheck } from './finding.js';

// `node tools/checks/dist/deployment.js`, in the root of the repository.
runCheck('deployment', (root) => checkDeployment(root));
