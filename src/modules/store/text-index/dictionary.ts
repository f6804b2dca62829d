/** The dictionaries of a segment. Words of headers stand apart: most are no words at all, and few searches look there. */
export const dictionaries = ['body plain', 'body exact', 'header plain', 'header exact'] as const

/** `plain`: without accents, of all words. `exact`: as they are, of words that bear accents. */
export type Dictionary = (typeof dictionaries)[number]

/** As the file has it. */
export function numberOf(dictionary: Dictionary): number {
  return dictionaries.indexOf(dictionary)
}

/** How many blocks each dictionary of a segment has, in their order. */
export type BlockCounts = readonly number[]
