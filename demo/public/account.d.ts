export function connectAccount(tracker: { identify(email: string): void; reset(): void }): void;
