import { parseDomain } from '../../../lib/address.ts'
import { BadSyntax } from '../../../lib/bad-syntax.ts'

/** What a domain asks of those who send to it. RFC 8461 §3.2. */
export interface StsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none'
  /** Seconds. */
  readonly maxAge: number
  /** Names of its mail servers, A-labels; `*.` stands for one label. */
  readonly mx: readonly string[]
}

/** RFC 8461 §3.2: more than a year is a year. */
const longestAge = 31_557_600

/** The `id` of the record at `_mta-sts`; undefined where the domain has no policy. RFC 8461 §3.1: one record, or none counts. */
export function stsRecordId(texts: readonly string[]): string | undefined {
  const records = texts.filter((text) => /^v=STSv1\s*(?:;|$)/.test(text))
  const [record = ''] = records
  const [, id] = /;\s*id\s*=\s*([A-Za-z0-9]{1,32})\s*(?:;|$)/.exec(record) ?? []
  return records.length === 1 ? id : undefined
}

/** The text behind `.well-known/mta-sts.txt`. Throws BadSyntax alone. */
export function readStsPolicy(text: string): StsPolicy {
  const fields = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [{ name, value }]
  })
  const first = (wanted: string) => fields.find(({ name }) => name === wanted)?.value
  if (first('version') !== 'STSv1') throw new BadSyntax('no version STSv1', 0)
  const mode = first('mode')
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') throw new BadSyntax('no mode', 0)
  const age = first('max_age') ?? ''
  if (!/^\d{1,10}$/.test(age)) throw new BadSyntax('no max_age', 0)
  const mx = fields.filter(({ name }) => name === 'mx').flatMap(({ value }) => mxPattern(value) ?? [])
  if (mx.length === 0 && mode !== 'none') throw new BadSyntax('no mx', 0)
  return { mode, maxAge: Math.min(Number(age), longestAge), mx }
}

/** RFC 8461 §4.1: exactly one label for the star. */
export function isMxOf({ mx }: StsPolicy, host: string): boolean {
  const parent = host.slice(host.indexOf('.') + 1)
  return mx.some(
    (pattern) =>
      pattern === host || (pattern.startsWith('*.') && pattern.slice(2) === parent && parent !== host),
  )
}

/** U-labels are written as well as A-labels, whatever the standard says. */
function mxPattern(text: string): string | undefined {
  const star = text.startsWith('*.') ? '*.' : ''
  const name = parseDomain(text.slice(star.length))
  return name && star + name
}
