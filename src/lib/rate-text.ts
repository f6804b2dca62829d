/** So many in so many seconds. */
export interface Rate {
  readonly count: number
  readonly seconds: number
}

const daySeconds = 86_400
const lengths: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: daySeconds,
  month: 30 * daySeconds,
  year: 365 * daySeconds,
}

/** `5/hour`, `10 per 2 minutes`. Of several (`5/hour;50/day`) the first counts, as in Mailu. */
export function parseRate(text: string): Rate | undefined {
  const [first = ''] = text.split(/[;,|]/)
  const found = /^\s*(\d{1,9})\s*(?:\/|per)\s*(\d{0,6})\s*([a-z]+?)s?\s*$/i.exec(first)
  const word = found?.[3]?.toLowerCase() ?? ''
  const seconds = Object.hasOwn(lengths, word) ? lengths[word] : undefined
  if (!found || seconds === undefined) return undefined
  return { count: Number(found[1]), seconds: seconds * Number(found[2] || '1') }
}

const words = ['day', 'hour', 'minute', 'second']

/** As `parseRate` reads it. */
export function rateText({ count, seconds }: Rate): string {
  const word = words.find((name) => seconds % (lengths[name] ?? 1) === 0) ?? 'second'
  const many = seconds / (lengths[word] ?? 1)
  return `${count}/${many === 1 ? '' : `${many} `}${word}`
}
