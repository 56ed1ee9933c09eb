// The fields that can be chosen of what is included in answers. Where Klaviyo's reference lists more
// than a hundred names below one, `.*` stands for them.

export const pushTokenFields = [
  ...['background', 'created', 'enablement_status', 'id', 'platform', 'recorded_date', 'token'],
  ...['vendor', 'metadata', 'metadata.app_build', 'metadata.app_id', 'metadata.app_name'],
  ...['metadata.app_version', 'metadata.device_id', 'metadata.device_model'],
  ...['metadata.environment', 'metadata.klaviyo_sdk', 'metadata.manufacturer'],
  ...['metadata.os_name', 'metadata.os_version', 'metadata.sdk_version'],
];
export const conversationFields = ['channel', 'id'];
export const tagFields = ['id', 'name'];
export const attributionFields = ['id'];
export const listFields = ['created', 'id', 'name', 'opt_in_process', 'updated'];
export const segmentFields = [
  ...['created', 'definition', 'definition.condition_groups', 'id', 'is_active'],
  ...['is_processing', 'is_starred', 'name', 'updated'],
];
export const flowFields = [
  ...['archived', 'created', 'id', 'name', 'status', 'trigger_type', 'updated'],
];
export const metricFields = ['created', 'id', 'integration', 'name', 'updated'];
