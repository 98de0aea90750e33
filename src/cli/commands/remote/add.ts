import { addRemote, type RemoteAdded, type RemoteAddRequest } from '../../../features/remotes/add.ts';
import type { Command } from '../../command.ts';

type RemoteAddOptions = Omit<RemoteAddRequest, 'name' | 'url'>;

/** `mlops remote add`. */
export const remoteAdd: Command<RemoteAddOptions, RemoteAdded> = {
  name: 'remote add',
  description:
    'A URL is s3://bucket/prefix, or a folder. Secrets are never written: S3 uses the environment, profiles and roles of AWS.',
  args: '<name> <url>',
  options: [
    ['-d, --default', 'make it the default remote'],
    ['--local', 'in .mlops.local.yaml, for this clone alone'],
    ['--user', 'in your own settings, for all your projects'],
    ['-f, --force', 'replace a remote of this name'],
    ['--region <region>', 'S3: the region of the bucket'],
    ['--endpoint <url>', 'S3: a server other than that of AWS (MinIO, Ceph, R2 …)'],
    ['--profile <name>', 'S3: a profile of ~/.aws/config'],
    ['--anonymous', 'S3: without signing, for public buckets'],
  ],
  examples: [
    'mlops remote add -d origin s3://team-bucket/iris --region eu-west-1',
    'mlops remote add -d minio s3://data/iris --endpoint http://localhost:9000',
    'mlops remote add archive /mnt/archive/iris',
  ],

  async run({ args: [name = '', url = ''], options }, { project }) {
    return addRemote(await project(), { name, url, ...options });
  },

  render: ({ name, url, isDefault, file }, style) =>
    `${style.good('Added')} remote ${name} (${url}) to ${file}${isDefault ? '; it is the default one' : ''}.`,
};
