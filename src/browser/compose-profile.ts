import { type Profile, readIdentifiers } from '../shared/profile.js';
import { attempt } from './attempt.js';

/**
 * Takes in what a call of `identify` says, before the page can change its objects.
 * @returns a sentence instead when it could not be a profile.
 */
export const composeProfile = (given: Profile, warn: (text: string) => void): Profile | string => {
  const profile = attempt(() => JSON.parse(JSON.stringify(given)) as Profile);
  if (typeof profile !== 'object' || !profile) return 'a profile that is no JSON object';
  const found = readIdentifiers(profile);
  if (profile.phoneNumber && !found.phoneNumber) {
    warn('phoneNumber is not E.164 (+4930123456): left out');
  }
  if (/@(example|test)\.com$/.test(found.email ?? '')) {
    warn('Klaviyo drops addresses at example.com and test.com');
  }
  return profile;
};
