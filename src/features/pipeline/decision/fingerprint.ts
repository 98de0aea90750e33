import type { Digest } from '../../../core/digest.ts';
import { encodeValue, sortedKeys, type Value, type ValueMap } from '../../../core/value.ts';
import { digestOf } from '../../../system/hash.ts';
import type { Snapshot } from './decide.ts';

const VERSION = 'mlops-fingerprint-1';

/**
 * The run cache's key: the digest of exactly what can change a stage's result, each with its type. The name, description,
 * time limits and whereabouts of outputs are no part of it. Undefined while a dependency is missing.
 */
export function fingerprintOf(now: Snapshot): Digest | undefined {
  if (!known.has(now)) known.set(now, computeFingerprint(now));
  return known.get(now);
}

const known = new WeakMap<Snapshot, Digest | undefined>();

function computeFingerprint(now: Snapshot): Digest | undefined {
  const deps: [string, Value][] = [];
  for (const [path, content] of Object.entries(now.deps)) {
    if (content === null) return undefined;
    const executable = content.kind === 'file' && content.executable;
    deps.push([path, { kind: content.kind, digest: content.digest, executable }]);
  }
  return digestOf(encodeValue({ ...definitionOf(now), deps: Object.fromEntries(deps) }));
}

/** The same without the content of dependencies: what can be known before the stages above have run. */
export function definitionDigest(now: Snapshot): Digest {
  return digestOf(encodeValue({ ...definitionOf(now), deps: sortedKeys(now.deps) }));
}

function definitionOf(now: Snapshot): ValueMap {
  const outputs = Object.entries(now.outputs).map(([path, { role, cache, persist }]): [string, Value] => [
    path,
    { role, cache, persist },
  ]);
  return {
    version: VERSION,
    shell: now.shell,
    wdir: now.wdir,
    scripts: now.cmd,
    settings: now.settings,
    env: now.env,
    params: now.params,
    outputs: Object.fromEntries(outputs),
  };
}

/** Whether a run with this definition may be kept for later and restored. */
export function isCacheable(now: Snapshot): boolean {
  if (now.alwaysChanged) return false;
  const inputs = [now.deps, now.params, now.env].some((map) => Object.keys(map).length > 0);
  const outputs = Object.values(now.outputs);
  const kept = outputs.every(({ role, cache, persist }) => !persist && (cache || role !== 'outs'));
  return kept && outputs.length > 0 && (inputs || now.settings !== null);
}
