// What a profile's `subscriptions` show: the state of consent by channel and kind.
import type { RecordedProfile } from '../records.js';
import { toIso, toIsoOrNull } from './resource.js';

const never = 'NEVER_SUBSCRIBED';

/** The fields there are; all of them can be chosen one by one. */
const channel = { can_receive: 1, consent: 1, consent_timestamp: 1, created_timestamp: 1 };
const tracked = { ...channel, last_updated: 1, metadata: 1, valid_until: 1 };
const whatsapp = { ...tracked, phone_number: 1 };
const sms = { consent: 1, consent_timestamp: 1, last_updated: 1, method: 1, method_detail: 1 };

export const subscriptionsShape = {
  email: {
    marketing: {
      can_receive_email_marketing: 1,
      ...sms,
      custom_method_detail: 1,
      double_optin: 1,
      list_suppressions: 1,
      suppression: 1,
    },
    open_tracking: tracked,
  },
  mobile_push: {
    marketing: { can_receive_push_marketing: 1, consent: 1, consent_timestamp: 1 },
  },
  sms: {
    marketing: { can_receive_sms_marketing: 1, ...sms },
    transactional: { can_receive_sms_transactional: 1, ...sms },
  },
  whatsapp: { conversational: whatsapp, marketing: whatsapp, transactional: whatsapp },
};

export function renderSubscriptions(profile: RecordedProfile) {
  const consentOf = (kind: keyof RecordedProfile['consents']) => profile.consents[kind];
  const isSubscribed = (kind: keyof RecordedProfile['consents']) =>
    consentOf(kind)?.consent === 'SUBSCRIBED';

  const state = (kind: keyof RecordedProfile['consents']) => ({
    consent: consentOf(kind)?.consent ?? never,
    consent_timestamp: isSubscribed(kind) ? toIsoOrNull(consentOf(kind)?.at) : null,
  });
  const history = (kind: keyof RecordedProfile['consents']) => ({
    last_updated: toIsoOrNull(consentOf(kind)?.updatedAt),
    method: consentOf(kind) ? 'API' : null,
    method_detail: consentOf(kind)?.source ?? null,
  });
  const tracking = (kind: keyof RecordedProfile['consents']) => ({
    ...state(kind),
    last_updated: toIsoOrNull(consentOf(kind)?.updatedAt),
    created_timestamp: toIsoOrNull(consentOf(kind)?.updatedAt),
    metadata: null,
    can_receive: isSubscribed(kind),
    valid_until: null,
  });
  const overWhatsapp = (kind: keyof RecordedProfile['consents']) => ({
    ...tracking(kind),
    phone_number: profile.phoneNumber ?? null,
  });
  const hasWhatsapp = Object.keys(profile.consents).some((kind) => kind.startsWith('whatsapp'));

  return {
    email: {
      marketing: {
        // Who never gave consent can still be written to, as long as nothing suppresses it.
        can_receive_email_marketing:
          profile.email !== undefined && profile.suppressions.length === 0,
        ...state('email.marketing'),
        ...history('email.marketing'),
        custom_method_detail: consentOf('email.marketing')?.source ?? null,
        double_optin: consentOf('email.marketing')?.isDoubleOptIn ?? null,
        suppression: profile.suppressions.map(({ reason, at }) => ({
          reason,
          timestamp: toIso(at),
        })),
        list_suppressions: profile.listSuppressions.map(({ listId, reason, at }) => ({
          list_id: listId,
          reason,
          timestamp: toIso(at),
        })),
      },
      open_tracking: tracking('email.open_tracking'),
    },
    sms: {
      marketing: {
        can_receive_sms_marketing: isSubscribed('sms.marketing'),
        ...state('sms.marketing'),
        ...history('sms.marketing'),
      },
      transactional: {
        can_receive_sms_transactional: isSubscribed('sms.transactional'),
        ...state('sms.transactional'),
        ...history('sms.transactional'),
      },
    },
    mobile_push: {
      marketing: {
        can_receive_push_marketing: isSubscribed('push.marketing'),
        ...state('push.marketing'),
      },
    },
    whatsapp: hasWhatsapp
      ? {
          marketing: overWhatsapp('whatsapp.marketing'),
          transactional: overWhatsapp('whatsapp.transactional'),
          conversational: overWhatsapp('whatsapp.conversational'),
        }
      : null,
  };
}
