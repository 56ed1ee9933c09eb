/** Where the profile lives. All parts optional. */
export interface Location {
  address1?: string;
  address2?: string;
  city?: string;
  country?: string;
  region?: string;
  zip?: string;
  /** IANA name, for example `Europe/Berlin`. */
  timezone?: string;
  latitude?: string | number;
  longitude?: string | number;
  ip?: string;
}

/** What makes a visitor known to Klaviyo. One of them is enough. */
export interface Identifiers {
  /** Fewer than 100 characters. Compared without regard to case. */
  email?: string;
  /** E.164, for example `+4930123456`. Anything else is left out and the rest is kept. */
  phoneNumber?: string;
  /** The shop's own customer id. */
  externalId?: string;
  /** Klaviyo's profile id. */
  id?: string;
  /** Klaviyo's exchange id, the `_kx` parameter of links in its mails. */
  kx?: string;
}

/** Who a browser's events are tracked as. Personal data, unlike everything else a client tells the page. */
export interface Visitor extends Identifiers {
  anonymousId: string;
}

/** What `identify` takes. Source: Klaviyo's client API, `POST /client/profiles`. */
export interface Profile extends Identifiers {
  /** An anonymous id of your own instead of the generated one; only for a visitor not yet identified. */
  anonymousId?: string;
  firstName?: string;
  lastName?: string;
  organization?: string;
  title?: string;
  /** URL of a picture. */
  image?: string;
  /** BCP 47, for example `de-DE`. */
  locale?: string;
  location?: Location;
  /** Custom properties, merged into those the profile has. */
  properties?: Record<string, unknown>;
  /** Values to append to custom list properties. */
  append?: Record<string, unknown>;
  /** Values to take out of custom list properties. */
  unappend?: Record<string, unknown>;
  /** Names of custom properties to remove. */
  unset?: string[];
}

export const IDENTIFIERS = ['email', 'phoneNumber', 'externalId', 'id', 'kx'] as const;

/** E.164: a plus, a country code that does not start with 0, at most 15 digits. */
export const isPhoneNumber = (value: unknown): boolean => /^\+[1-9]\d{6,14}$/.test(`${value}`);

/**
 * An address with one @ and a dot in its domain, shorter than 100 characters. The length comes first: the
 * pattern takes minutes for a megabyte of dots.
 */
export const isEmail = (value: unknown): boolean =>
  !(`${value}`.length > 99) && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(`${value}`);

/** The identifiers among a profile's fields: trimmed, an email in lower case, unusable ones left out. */
export const readIdentifiers = (profile: Profile): Identifiers => {
  const found: Identifiers = {};
  for (const name of IDENTIFIERS) {
    const given: unknown = profile[name];
    let value = /string|number/.test(typeof given) ? `${given}`.trim() : '';
    if (name === 'email') value = isEmail(value) ? value.toLowerCase() : '';
    if (name === 'phoneNumber' && !isPhoneNumber(value)) value = '';
    if (value) found[name] = value;
  }
  return found;
};
