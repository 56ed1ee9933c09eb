import { maxListMembers } from '../limits.js';
import type { Check } from './check.js';
import { array, data, nullable, object, oneOf, required, string, stringThat } from './check.js';
import { atMost } from './profile-job.js';

const optInProcess = nullable(oneOf('double_opt_in', 'single_opt_in'));
const name = stringThat((text) => text !== '', 'not be empty');

/** `POST /api/lists`. */
export const createdList: Check = data(
  object('list', {
    type: required(oneOf('list')),
    attributes: required(object('list', { name: required(name), opt_in_process: optInProcess })),
  }),
);

/** `PATCH /api/lists/{id}`. */
export const patchedList: Check = data(
  object('list', {
    type: required(oneOf('list')),
    id: required(string),
    attributes: required(object('list', { name: nullable(name), opt_in_process: optInProcess })),
  }),
);

/** Adding to a list and taking off it: ids, and nothing else about a profile. */
export const membersBody: Check = object('relationships', {
  data: required(
    atMost(
      maxListMembers,
      array(object('profile', { type: required(oneOf('profile')), id: required(string) })),
    ),
  ),
});
