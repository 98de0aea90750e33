import type { Project } from '../../../project/project.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import type { TransferRequest } from './request.ts';

/** Does work with the remote that a request names, or the default one, and closes it. */
export async function withRemote<T>(
  project: Project,
  request: TransferRequest,
  work: (remote: Remote) => Promise<T>,
): Promise<T> {
  const remote = await project.openRemote(request.remote);
  try {
    return await work(remote);
  } finally {
    remote.close();
  }
}
