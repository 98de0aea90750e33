import type { Project } from '../../../project/project.ts';
import { publishListing } from '../../../stores/remotes/listing.ts';
import type { Transfer } from './context.ts';

/** Where the remote's settings ask for it: leaves a listing for those who read it through a web server, which cannot list it. */
export async function tellReaders({ config }: Project, { dryRun, tally, remote: open }: Transfer): Promise<void> {
  if (dryRun || tally.objects === 0) return;
  const remote = await open();
  const isAsked = Object.values(config.remotes).some(({ url, listing }) => url === remote.url && listing === true);
  if (isAsked) await publishListing(remote);
}
