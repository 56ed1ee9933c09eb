/** Subresource Integrity: whether a tag's hashes are those of what is served. https://www.w3.org/TR/SRI/ */
import { createHash } from 'node:crypto';
import { type Finding, failed, passed, skipped } from './check.js';
import type { CorsMode } from './read-page.js';

// The strongest that a tag has is the one that counts.
const ALGORITHMS = ['sha512', 'sha384', 'sha256'] as const;
const WHERE = 'dist/integrity.json has the hash of each file';

export interface Integrity {
  /** The attribute's value; empty when there is none. */
  integrity: string;
  /** How the browser asks for leave to read it; undefined when it does not ask. */
  cors: CorsMode | undefined;
  isCrossOrigin: boolean;
}

export function judgeIntegrity(
  { integrity, cors, isCrossOrigin }: Integrity,
  bytes: Uint8Array,
): Finding {
  if (integrity === '') {
    return skipped(
      `the tag has no integrity attribute. ${WHERE}, if you want the browser to check it.`,
    );
  }
  if (isCrossOrigin && cors === undefined) {
    return failed(
      'the tag has an integrity attribute and comes from another origin: browsers refuse it without crossorigin="anonymous".',
    );
  }
  const hashes = integrity.split(/\s+/).map((each) => each.split('?')[0] ?? '');
  const algorithm = ALGORITHMS.find((name) => hashes.some((hash) => hash.startsWith(`${name}-`)));
  if (algorithm === undefined) {
    return failed(
      `the integrity attribute has no hash that browsers know, so they check nothing. ${WHERE}.`,
    );
  }
  const actual = `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;
  if (hashes.includes(actual))
    return passed(`${algorithm} of the tag and of what is served are the same.`);
  return failed(
    `the script that is served (${actual}) is not the one of the tag, and browsers refuse it. If you have updated it, put its hash of dist/integrity.json into the tag; if that is another one, too, find out who has changed the script.`,
  );
}
