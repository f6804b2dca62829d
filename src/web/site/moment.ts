import { localeOf } from '../texts/texts.ts'
import type { Frame } from './page.ts'

type Reader = Pick<Frame, 'language' | 'timeZone'>

/** A day and an hour as the reader has them, with the zone's name: `Nov 21, 2026, 4:53 PM GMT+1`. */
export const moment = ({ language, timeZone }: Reader, at: number): string =>
  new Date(at).toLocaleString(localeOf(language), {
    timeZone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  })

export const dayOf = ({ language, timeZone }: Reader, at: number): string =>
  new Date(at).toLocaleDateString(localeOf(language), { timeZone, dateStyle: 'medium' })
