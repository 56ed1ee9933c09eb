/** What can be wrong with a call to `createClient`. */
export type ErrorCode = 'company-id' | 'private-key' | 'option';

/** A programmer's mistake, thrown by `createClient` and by nothing else. The message says what to change. */
export class StorefrontError extends Error {
  override readonly name = 'StorefrontError';
  declare readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
