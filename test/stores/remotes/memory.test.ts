import { randomUUID } from 'node:crypto';
import { describeRemote } from '../../contracts/remote.ts';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import { remoteOptions } from '../../support/remote-options.ts';

describeRemote('memory', () => openRemote(`memory://${randomUUID()}`, remoteOptions()));
