export function connectCheckout(
  form: HTMLFormElement,
  tracker: { identify(fields: Record<string, string>): void; visitor(): unknown },
): void;
