import { parseMessageDate, type ZonedTime } from '../../../lib/mime/date.ts'
import { type Checked, constantOf, type Family } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'
import { checkMatching, matches } from './matching.ts'
import { checkIndex, picked } from './parts.ts'

const dateTests = ['date', 'currentdate']

/** RFC 5260 §4.2. */
const dateParts: Readonly<Record<string, (at: Local) => string>> = {
  year: ({ local }) => pad(local.getUTCFullYear(), 4),
  month: ({ local }) => pad(local.getUTCMonth() + 1),
  day: ({ local }) => pad(local.getUTCDate()),
  date: (at) => isoDate(at),
  julian: ({ local }) => String(Math.floor(local.getTime() / 86_400_000) + 40_587),
  hour: ({ local }) => pad(local.getUTCHours()),
  minute: ({ local }) => pad(local.getUTCMinutes()),
  second: ({ local }) => pad(local.getUTCSeconds()),
  time: (at) => isoTime(at),
  iso8601: (at) => `${isoDate(at)}T${isoTime(at)}${zoneText(at.zoneMinutes, ':')}`,
  std11: (at) => std11(at),
  zone: ({ zoneMinutes }) => zoneText(zoneMinutes, ''),
  weekday: ({ local }) => String(local.getUTCDay()),
}

interface Local {
  /** The wall clock read as if it were UTC. */
  readonly local: Date
  readonly zoneMinutes: number
}

/** RFC 5260. */
export const dates: Family<Machine> = {
  extensions: ['date'],
  tags: [
    { tag: 'zone', extension: 'date', group: 'zone', value: 'string', on: dateTests, check: checkZone },
    { tag: 'originalzone', extension: 'date', group: 'zone', on: ['date'] },
  ],
  tests: [
    {
      name: 'date',
      extension: 'date',
      arguments: [
        { name: 'header name', type: 'string' },
        { name: 'date part', type: 'string', check: checkPart },
        { name: 'key list', type: 'strings' },
      ],
      check: (node, checking) => {
        checkMatching(2)(node, checking)
        checkIndex(node, checking)
      },
      run: date,
    },
    {
      name: 'currentdate',
      extension: 'date',
      arguments: [
        { name: 'date part', type: 'string', check: checkPart },
        { name: 'key list', type: 'strings' },
      ],
      check: checkMatching(1),
      run: (node, machine) => {
        const at = inZone(node, machine, { at: machine.facts.now, zoneMinutes: 0 })
        return matches(
          node,
          machine,
          [partValue(at, machine.string(node.values[0]) ?? '')],
          machine.texts(node.values[1]),
        )
      },
    },
  ],
}

function checkPart(name: string): string | undefined {
  return name.toLowerCase() in dateParts ? undefined : `unknown date part '${name}'`
}

/** RFC 5260 §4.1 time-zone. */
function checkZone(zone: string): string | undefined {
  return zoneMinutesOf(zone) === undefined
    ? `invalid time zone '${zone}': a zone looks like "+0100"`
    : undefined
}

function date(node: Checked, machine: Machine): boolean {
  const [headerName, part, keys] = node.values
  const name = (machine.string(headerName) ?? '').toLowerCase()
  const fields = picked(node, machine.message.header.named(name))
  const partName = machine.string(part) ?? ''
  const values = fields.flatMap(({ text }) => {
    machine.spend(1)
    const found = dateIn(text)
    return found === undefined ? [] : [partValue(inZone(node, machine, found), partName)]
  })
  return matches(node, machine, values, machine.texts(keys))
}

/** RFC 5260 §4: the whole field is a date, or what stands behind its last semicolon, as in Received. */
function dateIn(text: string): ZonedTime | undefined {
  const semicolon = text.lastIndexOf(';')
  return parseMessageDate(semicolon < 0 ? text : text.slice(semicolon + 1))
}

function partValue(at: Local, part: string): string {
  return dateParts[part.toLowerCase()]?.(at) ?? ''
}

function inZone(node: Checked, machine: Machine, { at, zoneMinutes }: ZonedTime): Local {
  const option = node.options['zone']
  const named =
    option?.tag === 'zone'
      ? zoneMinutesOf(constantOf(option.value) ?? machine.string(option.value) ?? '')
      : undefined
  const minutes =
    option?.tag === 'originalzone' ? zoneMinutes : (named ?? ownersZone(machine.facts.owner.timeZone, at))
  return { local: new Date(at + minutes * 60_000), zoneMinutes: minutes }
}

function zoneMinutesOf(zone: string): number | undefined {
  const match = /^([+-])(\d\d)([0-5]\d)$/.exec(zone)
  if (match === null) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return match[1] === '-' && minutes > 0 ? -minutes : minutes
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Minutes east of UTC at that instant; an unknown zone is UTC. */
function ownersZone(timeZone: string, at: number): number {
  const name =
    zoneFormat(timeZone)
      ?.formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const match = /GMT([+-])(\d{1,2})(?::(\d{2}))?/.exec(name)
  if (match === null) return 0
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  return match[1] === '-' ? -minutes : minutes
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    formats.set(timeZone, format)
    return format
  } catch {
    return undefined // not a zone that this machine knows
  }
}

const pad = (value: number, length = 2) => String(value).padStart(length, '0')

function isoDate({ local }: Local): string {
  return `${pad(local.getUTCFullYear(), 4)}-${pad(local.getUTCMonth() + 1)}-${pad(local.getUTCDate())}`
}

function isoTime({ local }: Local): string {
  return [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()]
    .map((value) => pad(value))
    .join(':')
}

function zoneText(minutes: number, colon: string): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${colon}${pad(size % 60)}`
}

/** RFC 5322 §3.3; the day has two digits here. */
function std11(at: Local): string {
  const [, day, month, year] = /^\w+, (\d+) (\w+) (\d+)/.exec(at.local.toUTCString()) ?? []
  const weekday = at.local.toUTCString().slice(0, 3)
  return `${weekday}, ${day} ${month} ${year} ${isoTime(at)} ${zoneText(at.zoneMinutes, '')}`
}
