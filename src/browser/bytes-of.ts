const encoder = new TextEncoder();

/** Size of a text on the wire. */
export const bytesOf = (text: string): number => encoder.encode(text).length;
