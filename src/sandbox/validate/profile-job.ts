import { maxImportedProfiles, maxProfileBodyBytes } from '../limits.js';
import type { Check } from './check.js';
import { andThen, array, data, object, oneOf, required, string } from './check.js';
import { importedProfile } from './profile.js';

const list = object('list', { type: required(oneOf('list')), id: required(string) });

const small: Check = (value, pointer, report) => {
  if (Buffer.byteLength(JSON.stringify(value) ?? '') > maxProfileBodyBytes) {
    report(pointer, `A profile must not be larger than ${maxProfileBodyBytes} bytes.`);
  }
};

/** Counts before it looks closer: ten thousand and one reports would say less. */
export const atMost =
  (count: number, check: Check): Check =>
  (value, pointer, report) => {
    if (!Array.isArray(value) || value.length <= count) return check(value, pointer, report);
    report(pointer, `A request must not have more than ${count} profiles.`);
  };

/** `POST /api/profile-bulk-import-jobs`. */
export const importJobBody = data(
  object('profile-bulk-import-job', {
    type: required(oneOf('profile-bulk-import-job')),
    attributes: required(
      object('profile-bulk-import-job', {
        profiles: required(
          object('profiles', {
            data: required(atMost(maxImportedProfiles, array(andThen(importedProfile, small)))),
          }),
        ),
      }),
    ),
    relationships: object('profile-bulk-import-job', {
      lists: object('lists', { data: array(list) }),
    }),
  }),
);
