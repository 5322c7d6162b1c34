import { SigdegError } from '../core/errors';

/** Why nothing is started in this window. */
export const untrusted = (): SigdegError => new SigdegError('NO_ACCESS', 'this folder is not trusted, so nothing is started from it: trust it first (Workspaces: Manage Workspace Trust)');
