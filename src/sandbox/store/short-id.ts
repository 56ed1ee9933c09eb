/** Six characters, as Klaviyo's ids of lists, metrics, segments and flows are: `L00001`. */
export const shortId = (letter: string, number: number): string =>
  `${letter}${number.toString(36).toUpperCase().padStart(5, '0')}`;
