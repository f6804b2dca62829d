const letters = ['', 'K', 'M', 'G', 'T']

/** As it is typed: `1.5G`, and so that nothing is lost. */
export function sizeText(n: number): string {
  const power = letters.findLastIndex((_, at) => n >= 1000 ** at && Number.isInteger((n / 1000 ** at) * 1000))
  return power < 1 ? String(n) : `${n / 1000 ** power}${letters[power]}`
}

/** Reads `1.5G`, `500 MB`, `0`; undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const [, digits, letter = ''] = /^(\d{1,15}(?:[.,]\d{1,3})?)\s*([KMGT]?)B?$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const n = Math.round(Number(digits.replace(',', '.')) * 1000 ** letters.indexOf(letter.toUpperCase()))
  return Number.isSafeInteger(n) ? n : undefined
}
