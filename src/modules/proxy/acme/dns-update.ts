import type { Clock } from '../../../ports/runtime.ts'
import { exchange } from './dns-exchange.ts'
import { type Answer, readAnswer, sign, type TextRecord, type TsigKey, updateMessage } from './dns-message.ts'

/** A name server that takes changes to its zones, and the key that says who asks. RFC 2136, RFC 8945. */
export interface DnsUpdateSettings {
  readonly ip: string
  readonly port: number
  readonly key: TsigKey
}

export type UpdateOutcome =
  | { readonly kind: 'done'; readonly zone: string }
  | { readonly kind: 'refused'; readonly text: string }

const notAuthoritative = 9
const refused = 5

/** Adds a record, or takes it away, in the zone that the server has for it: the longest of its names that it knows. */
export async function updateRecord(
  record: TextRecord,
  what: 'add' | 'remove',
  { settings, clock }: { readonly settings: DnsUpdateSettings; readonly clock: Clock },
): Promise<UpdateOutcome> {
  let last = `it has no zone of ${record.name}`
  for (const zone of zonesOf(record.name)) {
    const answer = await ask(updateMessage(zone, record, what), settings, clock)
    if (typeof answer === 'string') return { kind: 'refused', text: answer }
    if (answer.kind === 'answer' && answer.code === 0) return { kind: 'done', zone }
    last = sentenceOf(answer, settings, zone)
    const elsewhere =
      answer.kind !== 'key-refused' && (answer.kind === 'not-signed' || isElsewhere(answer.code))
    if (!elsewhere) break
  }
  return { kind: 'refused', text: last }
}

const isElsewhere = (code: number) => code === notAuthoritative || code === refused || code === 10

/** From the name itself upwards; nobody updates a top-level domain. */
function zonesOf(name: string): string[] {
  const labels = name.split('.')
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
}

function sentenceOf(answer: Answer, { ip, key }: DnsUpdateSettings, zone: string): string {
  switch (answer.kind) {
    case 'key-refused':
      return answer.code === 18
        ? `${ip} says that the clocks differ (BADTIME)`
        : `${ip} does not take the key ${key.name} (${answer.code === 16 ? 'BADSIG' : 'BADKEY'})`
    case 'not-signed':
      return `${ip} answered for ${zone} without our signature`
    case 'answer':
      return `${ip} refused the change in ${zone} with code ${answer.code}`
  }
}

/** One question over TCP. A text where there is no answer. */
async function ask(
  message: Buffer,
  { ip, port, key }: DnsUpdateSettings,
  clock: Clock,
): Promise<Answer | string> {
  const signed = sign(message, key, clock.now())
  try {
    const answer = await exchange({ ip, port }, signed.message)
    return readAnswer(answer, signed, key, clock.now())
  } catch (cause) {
    return `${ip} port ${port}: ${(cause as Error).message}`
  }
}
