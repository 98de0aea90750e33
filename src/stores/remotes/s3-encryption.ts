import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { MlopsError } from '../../core/errors.ts';
import type { RemoteOptions } from './remote.ts';

/** What each new object is told of encryption and access, as the configuration says. */
export function encryptionOf(
  options: RemoteOptions,
): Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'ACL'> {
  const { acl, kmsKey } = options;
  const sse = options.sse ?? (kmsKey === null ? null : 'aws:kms');
  return {
    ...(sse === null ? {} : { ServerSideEncryption: sse as 'AES256' | 'aws:kms' }),
    ...(kmsKey === null ? {} : { SSEKMSKeyId: kmsKey }),
    ...(acl === null ? {} : { ACL: acl as 'private' }),
  };
}

/** The customer's own key, which goes with every request that reads or writes an object. */
export function customerKeyOf({
  sseCustomerKey,
}: RemoteOptions): Pick<PutObjectCommandInput, 'SSECustomerAlgorithm' | 'SSECustomerKey'> {
  return sseCustomerKey ? { SSECustomerAlgorithm: 'AES256', SSECustomerKey: sseCustomerKey } : {};
}

/** Fails with `usage` for a key that is none, and for two ways of encryption at once. */
export function checkEncryption({ name, sse, kmsKey, sseCustomerKey }: RemoteOptions): void {
  if (!sseCustomerKey) return;
  if (
    Buffer.from(sseCustomerKey, 'base64').toString('base64') !== sseCustomerKey ||
    Buffer.from(sseCustomerKey, 'base64').length !== 32
  ) {
    throw new MlopsError('usage', `sseCustomerKey of remote "${name}" is no key: it is 32 bytes in base64.`, {
      hint: 'A new one: openssl rand -base64 32',
    });
  }
  if (sse === null && kmsKey === null) return;
  throw new MlopsError(
    'usage',
    `Remote "${name}" has a key of its own (sseCustomerKey), and ${sse === null ? 'kmsKey' : 'sse'} as well.`,
    {
      hint: `An object is encrypted in one way: mlops remote modify ${name} --unset ${sse === null ? 'kmsKey' : 'sse'}`,
    },
  );
}
