export interface ZonedTime {
  /** UTC milliseconds. */
  readonly at: number
  readonly zoneMinutes: number
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Hours, RFC 5322 §4.3. Military letters are worth +0000 there, and so is any other name. */
const namedZones: Readonly<Record<string, number>> = {
  EDT: -4,
  EST: -5,
  CDT: -5,
  CST: -6,
  MDT: -6,
  MST: -7,
  PDT: -7,
  PST: -8,
}

/** Longest text that is looked at; a real date is a third of it. */
const dateLength = 128

const messageDate =
  /^\s*(?:[a-z]+\.?\s*,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*[\s.-]+(\d{2,4})[\s,]+(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?\s*(?:(?:gmt|utc?)?\s*([+-]\d{1,4})|([a-z]+)|)/i
/** asctime, which some programs write: `Thu Feb 13 10:00:00 2025`. */
const unixDate =
  /^\s*[a-z]{3,9},?\s+([a-z]{3})[a-z]*\s+(\d{1,2}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+(?:([a-z]{2,5})\s+)?(\d{4})(?:\s+([+-]\d{4}))?/i

/** RFC 5322 §3.3 with the obsolete forms of §4.3. */
export function parseMessageDate(text: string): ZonedTime | undefined {
  const plain = (text.length > dateLength ? text.slice(0, dateLength) : text).replace(/\([^()]*\)/g, ' ')
  const usual = messageDate.exec(plain)
  if (usual !== null) {
    const [, day, month, year, hour, minute, second, offset, zone] = usual
    return zoned({ day, month, year, hour, minute, second, zone: offset ?? zone })
  }
  const unix = unixDate.exec(plain)
  if (unix === null) return undefined
  const [, month, day, hour, minute, second, zone, year, offset] = unix
  return zoned({ day, month, year, hour, minute, second, zone: offset ?? zone })
}

interface DateWords {
  readonly day: string | undefined
  readonly month: string | undefined
  readonly year: string | undefined
  readonly hour: string | undefined
  readonly minute: string | undefined
  readonly second: string | undefined
  readonly zone: string | undefined
}

function zoned(words: DateWords): ZonedTime | undefined {
  const month = months.indexOf((words.month ?? '').toLowerCase())
  const [day, hour, minute] = [Number(words.day), Number(words.hour), Number(words.minute)]
  const second = Number(words.second ?? 0)
  const year = fullYear(words.year ?? '')
  const inRange = month >= 0 && hour < 24 && minute < 60 && second <= 60 && day >= 1
  if (!inRange || day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return undefined
  const zoneMinutes = zoneOf(words.zone ?? '')
  const at = Date.UTC(year, month, day, hour, minute, second) - zoneMinutes * 60_000
  return at <= latest ? { at, zoneMinutes } : undefined
}

/** RFC 5322 §4.3: two digits below 50 are this century, three digits count from 1900. */
function fullYear(digits: string): number {
  const year = Number(digits)
  if (digits.length >= 4) return Math.max(year, 100) // below, Date.UTC would read a two-digit year
  return digits.length === 2 && year < 50 ? 2000 + year : 1900 + year
}

function zoneOf(zone: string): number {
  // `GMT+1` is what some programs make of it
  const match = /^([+-])(\d{1,2})([0-5]\d)?$/.exec(zone)
  if (match === null) return (namedZones[zone.toUpperCase()] ?? 0) * 60
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  return match[1] === '-' && minutes > 0 ? -minutes : minutes
}

/** `Thu, 13 Feb 2025 10:00:00 +0000` */
export function formatMessageDate(at: number, zoneMinutes = 0): string {
  const { day, month, year, time, weekday } = localParts(at, zoneMinutes)
  return `${weekday}, ${day} ${month} ${year} ${time} ${formatZone(zoneMinutes)}`
}

/** Years have four digits on the wire. */
const latest = Date.UTC(9999, 11, 31, 23, 59, 59)

const imapDate = /^([ \d]\d)-([a-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-]\d{4})$/i

/** RFC 9051 §9 date-time without its quotes: `17-Jul-1996 02:44:25 -0700`, day of one digit with a space before it. */
export function parseImapDateTime(text: string): ZonedTime | undefined {
  const match = imapDate.exec(text)
  if (match === null) return undefined
  const [, day, month, year, hour, minute, second, zone] = match
  return zoned({ day, month, year, hour, minute, second, zone })
}

export function formatImapDateTime(at: number, zoneMinutes = 0): string {
  const { day, month, year, time } = localParts(at, zoneMinutes)
  return `${String(day).padStart(2, ' ')}-${month}-${year} ${time} ${formatZone(zoneMinutes)}`
}

const msPerDay = 86_400_000
const digits = Array.from({ length: 60 }, (_, value) => twoDigits(value))
let lastDay = Number.NaN
let lastDate = ''

/** The same in UTC, for lists: neighbours are mostly of the same day. */
export function formatImapUtcTime(at: number): string {
  const day = Math.floor(at / msPerDay)
  if (day !== lastDay) {
    lastDate = formatImapDateTime(day * msPerDay).slice(0, 'dd-mmm-yyyy '.length)
    lastDay = day
  }
  const seconds = Math.floor((at - day * msPerDay) / 1000)
  const minutes = Math.floor(seconds / 60)
  return `${lastDate}${digits[Math.floor(minutes / 60)]}:${digits[minutes % 60]}:${digits[seconds % 60]} +0000`
}

function localParts(at: number, zoneMinutes: number) {
  const local = new Date(at + zoneMinutes * 60_000)
  return {
    weekday: dayNames[local.getUTCDay()] ?? '',
    day: local.getUTCDate(),
    month: monthNames[local.getUTCMonth()] ?? '',
    year: String(local.getUTCFullYear()).padStart(4, '0'),
    time: [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(twoDigits).join(':'),
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

function formatZone(zoneMinutes: number): string {
  const minutes = Math.abs(zoneMinutes)
  return `${zoneMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}${twoDigits(minutes % 60)}`
}
