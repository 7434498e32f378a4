/** A Language is a language in which every text exists. */
export type Language = 'en' | 'ja'
