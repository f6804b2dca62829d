export interface ZonedTime {
  /** UTC milliseconds. */
  readonly at: number
  readonly zoneMinutes: number
}

/** RFC 5322 §3.3 with the obsolete forms of §4.3. */
export function parseMessageDate(text: string): ZonedTime | undefined {
  throw new Error(`being written ${text}`)
}

/** `Thu, 13 Feb 2025 10:00:00 +0000` */
export function formatMessageDate(at: number, zoneMinutes = 0): string {
  throw new Error(`being written ${at} ${zoneMinutes}`)
}

/** RFC 9051 §9 date-time without its quotes: `17-Jul-1996 02:44:25 -0700`, day of one digit with a space before it. */
export function parseImapDateTime(text: string): ZonedTime | undefined {
  throw new Error(`being written ${text}`)
}

export function formatImapDateTime(at: number, zoneMinutes = 0): string {
  throw new Error(`being written ${at} ${zoneMinutes}`)
}
