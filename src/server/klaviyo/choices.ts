/** Values of Klaviyo's that are one of a few. */

export const CAMPAIGN_STATUSES = [
  'Draft',
  'Scheduled',
  'Sending',
  'Sent',
  'Cancelled',
  'Adding Recipients',
  'Sending Segments',
  'Variations Sent',
  'Preparing to send',
  'Preparing to schedule',
  'Queued without Recipients',
  'Cancelled: Smart Sending',
  'Cancelled: Account Disabled',
  'Cancelled: No Recipients',
  'Cancelled: Internal Error',
  'Cancelled: Billing Limit',
  'Cancelled: Misconfigured',
  'Unknown',
] as const;

/** What sets a flow off. */
export const TRIGGER_TYPES = [
  'Metric',
  'Added to List',
  'Unconfigured',
  'Date Based',
  'Price Drop',
  'Low Inventory',
] as const;
