/** A Language is one that every text exists in. */
export type Language = 'en' | 'ja'
